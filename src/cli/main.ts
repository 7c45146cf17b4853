#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Before anything else is loaded: compiled code of an earlier run makes a command start in half the time.
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/supplant'));

const { run } = await import('./program.ts');
const { createProcessContext } = await import('./process-context.ts');

process.exitCode = await run(process.argv.slice(2), createProcessContext(), (code) => process.exit(code));
