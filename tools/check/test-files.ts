import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.ts';

/**
 * Every test file; those that run whole rollouts first, so that no long one is left over when the others are done.
 * How many run at once is said in .mocharc.json: two, since each of the long ones keeps a core busy by itself.
 */
const ALL = ['test/e2e/**/*.test.ts', 'test/workflow/**/*.test.ts', 'test/**/*.test.ts'];

/** What mocha is to run: the named files, folders and globs, or else all there is. */
export function testFiles(patterns: readonly string[]): readonly string[] {
  if (patterns.length === 0) return ALL;
  return patterns.map((pattern) => (isFolder(pattern) ? `${pattern.replace(/\/$/, '')}/**/*.test.ts` : pattern));
}

function isFolder(path: string): boolean {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}
