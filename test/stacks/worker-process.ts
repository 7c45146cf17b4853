import type { StackInput } from '../../src/stacks/driver.ts';
import { openDriver } from './workbench.ts';

/** A worker to be killed: carries the operation out on the input (JSON), tells of its progress on stdout, and stays. */
const [dataDir = '', operation, input = ''] = process.argv.slice(2);
const driver = await openDriver(dataDir, { supervise: false });
await driver[operation as 'provision' | 'destroy' | 'detectDrift'](JSON.parse(input) as StackInput, {
  signal: new AbortController().signal,
  onProgress: ({ inProgress }) => void process.stdout.write(`${inProgress.join(' ')}\n`),
});
process.stdout.write('done\n');
setInterval(() => undefined, 60_000);
