import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { writeDurably } from '../../host/durable-file.ts';
import { quoteShellWord } from '../../host/shell-word.ts';

const require = createRequire(import.meta.url);

/**
 * Has engines find what runs policy packs in JavaScript: a plugin of two lines, which in a full Pulumi comes with the
 * language host, starts a program of Pulumi's SDK. That is here, and so is a Node to run it.
 * @param home Supplant's own `PULUMI_HOME`
 */
export async function ensurePolicyRunner(home: string): Promise<void> {
  const { version } = require('@pulumi/pulumi/package.json') as { version: string };
  const folder = join(home, 'plugins', `analyzer-policy-nodejs-v${version}`);
  const path = join(folder, 'pulumi-analyzer-policy-nodejs');
  const program = require.resolve('@pulumi/pulumi/cmd/run-policy-pack');
  const text = `#!/bin/sh\nexec ${quoteShellWord(process.execPath)} ${quoteShellWord(program)} "$@"\n`;
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return;
  // Whole or not at all: another worker's engine may be looking for it.
  await writeDurably(path, text, 0o700);
}
