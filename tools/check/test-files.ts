import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.ts';

/**
 * Every test file; the longest first, as the end of `npm test` names them, so that none is left over when the others are
 * done. How many run at once is said in .mocharc.json: more than a small machine has cores, since each of the long ones
 * waits much of its time, for a bake, a heartbeat that is missed, or a process that starts.
 */
const ALL = [
  'test/tools/package.test.ts',
  'test/e2e/{dev,workers,artifacts}.test.ts',
  'test/e2e/**/*.test.ts',
  'test/differential/**/*.test.ts',
  'test/workflow/**/*.test.ts',
  'test/gateway/{fuzz,backend}/**/*.test.ts',
  'test/{routing,store,tools,blueprints,evidence}/**/*.test.ts',
  'test/**/*.test.ts',
];

/** What mocha is to run: the named files, folders and globs, or else all there is. */
export function testFiles(patterns: readonly string[]): readonly string[] {
  // Named one by one: mocha runs a file once for each pattern that it fits.
  if (patterns.length === 0) return [...new Set(ALL.flatMap((glob) => globSync(glob, { cwd: ROOT }).toSorted()))];
  return patterns.map((pattern) => (isFolder(pattern) ? `${pattern.replace(/\/$/, '')}/**/*.test.ts` : pattern));
}

function isFolder(path: string): boolean {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}
