import assert from 'node:assert/strict';
import { effectLines } from '../../../src/cli/views/effect.ts';

const text = (width: number): string[] =>
  effectLines(
    'web/production',
    'puts everything back: the new stack is destroyed, traffic stays where it is',
    width,
  ).map((line) => line.map((part) => part.text).join(''));

describe('what a verb does', () => {
  it('is told whole at any width', () => {
    const whole = 'web/production: puts everything back: the new stack is destroyed, traffic stays where it is';
    assert.deepEqual(text(120), [whole]);
    for (const width of [80, 44, 20]) {
      assert.equal(text(width).join(' '), whole);
      assert.ok(text(width).every((line) => line.length <= width));
    }
  });
});
