import type { StackInput } from '../../src/stacks/driver.ts';
import { type DriverOptions, openDriver } from './workbench.ts';

/**
 * A worker to be killed: carries the operation out on the input (JSON), tells of its progress on stdout, and stays. May be
 * given options of its driver, as JSON.
 */
const [dataDir = '', operation, input = '', options = '{}'] = process.argv.slice(2);
const driver = await openDriver(dataDir, { supervise: false, ...(JSON.parse(options) as DriverOptions) });
await driver[operation as 'provision' | 'destroy' | 'detectDrift'](JSON.parse(input) as StackInput, {
  signal: new AbortController().signal,
  onProgress: ({ inProgress }) => void process.stdout.write(`${inProgress.join(' ')}\n`),
});
process.stdout.write('done\n');
setInterval(() => undefined, 60_000);
