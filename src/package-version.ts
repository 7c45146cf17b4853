import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '../package.json');

/** Supplant's own version: `0.1.0`. */
export function readPackageVersion(): string {
  const { version } = JSON.parse(readFileSync(FILE, 'utf8')) as { version: string };
  return version;
}
