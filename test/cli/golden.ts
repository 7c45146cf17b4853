import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../golden');

/** Compares text with `test/golden/NAME.txt`. After a wanted change: `UPDATE_GOLDEN=1 npm run mocha -- test/cli`. */
export function assertGolden(name: string, text: string): void {
  const file = join(FOLDER, `${name}.txt`);
  if (process.env.UPDATE_GOLDEN) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, text);
  }
  assert.equal(text, readFileSync(file, 'utf8'), `${file} differs; see test/cli/golden.ts if this is meant`);
}
