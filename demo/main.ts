import { join } from 'node:path';
import { createProcessContext } from '../src/cli/process-context.ts';
import { runDemo } from './demo.ts';
import { readOptions, USAGE } from './options.ts';

const checkout = join(import.meta.dirname, '..');

async function main(): Promise<number> {
  let options;
  try {
    options = readOptions(process.argv.slice(2), checkout, process.cwd());
  } catch (error) {
    console.error(`error: ${messageOf(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  try {
    return await runDemo(options, createProcessContext());
  } catch (error) {
    console.error(`error: ${messageOf(error)}`);
    return 1;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// Whoever looked has gone (`| head`, a closed terminal): what was started must be ended all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

process.exitCode = await main();
