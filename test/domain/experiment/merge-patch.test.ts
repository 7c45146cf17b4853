import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { applyMergePatch } from '../../../src/domain/experiment/merge-patch.ts';
import type { Json } from '../../../src/domain/json.ts';

/** RFC 7396, appendix A: original, patch, result. */
const EXAMPLES: [Json, Json, Json][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

describe('a JSON merge patch', () => {
  for (const [original, patch, result] of EXAMPLES) {
    it(`makes ${JSON.stringify(result)} of ${JSON.stringify(original)} with ${JSON.stringify(patch)}`, () => {
      const before = structuredClone(original);
      assert.deepEqual(applyMergePatch(original, patch), result);
      assert.deepEqual(original, before);
    });
  }

  it('has members that are called like what objects have, and touches no prototype', () => {
    const patch = JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"x": 1}}') as Json;
    const made = applyMergePatch({}, patch);
    assert.equal(JSON.stringify(made), '{"__proto__":{"polluted":true},"constructor":{"x":1}}');
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  it('changes nothing more when it is applied again', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (target, patch) => {
        const once = applyMergePatch(target as Json, patch as Json);
        assert.deepEqual(applyMergePatch(once, patch as Json), once);
      }),
    );
  });
});
