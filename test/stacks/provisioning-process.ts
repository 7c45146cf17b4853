import type { StackInput } from '../../src/stacks/driver.ts';
import { openDriver } from './workbench.ts';

/** A worker to be killed: provisions the input (JSON) in the data folder, and tells of its progress on stdout. */
const [dataDir = '', input = ''] = process.argv.slice(2);
const driver = await openDriver(dataDir, { supervise: false });
await driver.provision(JSON.parse(input) as StackInput, {
  signal: new AbortController().signal,
  onProgress: ({ inProgress }) => void process.stdout.write(`${inProgress.join(' ')}\n`),
});
await driver.close();
