#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Before anything else is loaded: compiled code of an earlier run makes a command start in half the time.
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/supplant'));

const { run } = await import('./program.ts');
const { processContext } = await import('./process-context.ts');

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

process.exitCode = await run(process.argv.slice(2), processContext(), (code) => process.exit(code));
