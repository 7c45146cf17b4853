import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { parseOptions } from './options.ts';

describe('options of chaos', () => {
  it('have results that are kept go on where they ended, in the repository', () => {
    const { results, seed } = parseOptions(['--world', 'fleet', '--keep']);
    assert.match(results, /test\/chaos\/kept\/fleet\.jsonl$/);
    const kept = existsSync(results) ? readFileSync(results, 'utf8').split('\n').filter(Boolean) : [];
    assert.ok(kept.every((line) => (JSON.parse(line) as { seed: number }).seed < seed));
    assert.equal(parseOptions(['--world', 'fleet', '--keep', '--seed', '7']).seed, 7);
    assert.equal(parseOptions(['--world', 'fleet']).results, '.chaos/fleet.jsonl');
  });

  it('are refused with all that is wrong', () => {
    const wrong = ['--world', 'aws', '--keep', '--jobs', '0', '--storm', '3'];
    for (const fault of [/--keep is for --world local or fleet/, /--jobs takes a whole number/, /--storm is for/]) {
      assert.throws(() => parseOptions(wrong), fault);
    }
  });
});
