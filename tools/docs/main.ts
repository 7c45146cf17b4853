/** Writes the pages of the reference that follow from the program: `npm run docs:cli`. */
import { writeFileSync } from 'node:fs';
import { createProcessContext } from '../../src/cli/process-context.ts';
import { commandTree } from '../../src/cli/program.ts';
import { commandPage } from './command-page.ts';
import { exitCodePage } from './exit-code-page.ts';

const REFERENCE = new URL('../../docs/reference/', import.meta.url);

writeFileSync(new URL('cli.md', REFERENCE), commandPage(commandTree(createProcessContext())));
writeFileSync(new URL('exit-codes.md', REFERENCE), exitCodePage());
