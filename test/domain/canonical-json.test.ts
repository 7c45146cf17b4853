import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { computeFingerprint } from '../../src/domain/fingerprint.ts';

describe('canonical JSON', () => {
  it('orders keys by their text, numbers among them too', () => {
    assert.equal(canonicalJson({ 9: 1, 10: 2, a: 3, B: 4 }), '{"10":2,"9":1,"B":4,"a":3}');
  });

  it('is the same whatever order keys were set in, and reads back as the same value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed());
        assert.equal(canonicalJson(turned), canonicalJson(value));
        assert.equal(computeFingerprint(turned), computeFingerprint(value));
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('takes text that was cut within a character', () => {
    assert.equal(canonicalJson({ a: ['x\ud83d'], '\ud83d': 1 }), '{"a":["x\ufffd"],"\ufffd":1}');
    assert.equal(computeFingerprint('x\ud83d'), computeFingerprint('x\ufffd'));
  });

  it('writes dates as JSON does, and leaves out what is undefined', () => {
    assert.equal(canonicalJson({ at: new Date(0), gone: undefined }), '{"at":"1970-01-01T00:00:00.000Z"}');
  });

  it('refuses what contains itself', () => {
    const round: Record<string, unknown> = {};
    round.again = [round];
    assert.throws(() => canonicalJson(round), /Circular/);
  });
});
