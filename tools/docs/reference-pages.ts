/**
 * `npm run docs:reference`: writes what the reference pages and the published JSON Schema take from the schemas.
 * `-- --check` writes nothing, and fails where something would change.
 */
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { fillBlocks, buildPublishedSchemas, buildReferenceBlocks } from './reference-blocks.ts';

const root = join(import.meta.dirname, '../..');
const isCheck = process.argv.includes('--check');
const stale: string[] = [];

for (const [path, schema] of Object.entries(buildPublishedSchemas())) await put(path, JSON.stringify(schema), 'json');
const blocks = buildReferenceBlocks();
for await (const path of glob('docs/**/*.md', { cwd: root })) {
  const page = await readFile(join(root, path), 'utf8');
  const filled = fillBlocks(page, blocks);
  if (filled !== page) await put(path, filled, 'markdown');
}
if (stale.length > 0) {
  console.error(`${stale.join(', ')}: no longer what the schemas say; run npm run docs:reference`);
  process.exitCode = 1;
}

async function put(path: string, text: string, parser: string): Promise<void> {
  const file = join(root, path);
  const formatted = await format(text, { ...(await resolveConfig(file)), parser, filepath: file });
  if (formatted === (await readFile(file, 'utf8').catch(() => undefined))) return;
  if (isCheck) stale.push(path);
  else await writeFile(file, formatted);
}
