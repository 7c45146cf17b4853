import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './markdown.ts';

const PAGE = 'docs/reference/environment.md';

/** Set by Supplant for the processes that it starts; nobody else has a use for them. */
const INTERNAL = [
  'SUPPLANT_COMMAND',
  'SUPPLANT_ENGINE_START',
  'SUPPLANT_PART',
  'SUPPLANT_PROCESS',
  'SUPPLANT_USER_UMASK',
];

function namesIn(paths: readonly string[]): Set<string> {
  const texts = paths.map((path) => readFileSync(join(ROOT, path), 'utf8'));
  return new Set(texts.flatMap((text) => text.match(/\bSUPPLANT_[A-Z]+(?:_[A-Z]+)*\b/g) ?? []));
}

describe('the environment variables of the reference', () => {
  const used = namesIn(globSync(['{src,blueprints}/**/*.ts', 'tools/setup/*.mjs'], { cwd: ROOT }));
  const documented = namesIn([PAGE]);

  it('are all that the sources read', () => {
    const missing = [...used].filter((name) => !INTERNAL.includes(name) && !documented.has(name));
    assert.deepEqual(missing, []);
  });

  it('are read somewhere', () => {
    assert.deepEqual(
      [...documented, ...INTERNAL].filter((name) => !used.has(name)),
      [],
    );
  });
});
