import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { canonicalJson } from '../../../src/domain/canonical-json.ts';
import { GENESIS_HASH, hashOf, chainEvent, verifyChain } from '../../../src/store/audit/chain.ts';
import type { AuditEvent } from '../../../src/store/audit/store.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { entry } from '../../contract/audit-store.ts';

const AT = new Date('2026-01-02T03:04:05.678Z');

function chainOf(data: JsonObject[]): AuditEvent[] {
  const events: AuditEvent[] = [];
  for (const each of data) events.push(chainEvent(events.at(-1), entry({ key: `e${events.length}`, data: each }), AT));
  return events;
}

const someChain = fc
  .array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 12 })
  .map((data) => chainOf(data as JsonObject[]));

describe('canonical JSON', () => {
  // The examples of RFC 8785, section 3.2.
  const cases: [unknown, string][] = [
    [{ b: 1, a: { d: 2, c: [3, { f: 4, e: 5 }] } }, '{"a":{"c":[3,{"e":5,"f":4}],"d":2},"b":1}'],
    [
      [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0],
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    ],
    [
      { '\u20ac': 1, '\r': 2, '\ufb33': 3, 1: 4, '😀': 5, '\u0080': 6, ö: 7 },
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
    ],
    ['\u20ac$\u000f\nA\'B"\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\"/"'],
    [{ here: 1, gone: undefined }, '{"here":1}'],
  ];
  for (const [value, text] of cases) {
    it(`of ${JSON.stringify(value)}`, () => {
      assert.equal(canonicalJson(value), text);
    });
  }

  for (const value of [NaN, Infinity, undefined, { a: NaN }]) {
    it(`refuses ${inspect(value)}`, () => {
      assert.throws(() => canonicalJson(value));
    });
  }
});

describe('hash of an event', () => {
  it('is SHA-256 over the hash before and the rest in canonical form: anyone can recompute it', () => {
    const event = chainEvent(undefined, entry({ key: 'k', rollout: 'web/production#1', data: { b: 1, a: 2 } }), AT);
    const rest =
      '{"actor":"ada","at":"2026-01-02T03:04:05.678Z","data":{"a":2,"b":1},"key":"k","rollout":"web/production#1",' +
      '"seq":1,"subject":"web/production","type":"route.changed"}';
    assert.equal(
      event.hash,
      createHash('sha256')
        .update(GENESIS_HASH + rest)
        .digest('hex'),
    );
  });

  it('does not depend on the order of keys, and on everything else', () => {
    const [event] = chainOf([{ a: 1 }]);
    assert.ok(event);
    const { hash, ...content } = event;
    assert.equal(hashOf(Object.fromEntries(Object.entries(content).reverse()) as typeof content), hash);
    for (const field of Object.keys(content)) assert.notEqual(hashOf({ ...content, [field]: 'other' }), hash, field);
  });
});

describe('verifying a chain', () => {
  it('holds for nothing at all', async () => {
    assert.deepEqual(await verifyChain([]), { ok: true, events: 0, head: GENESIS_HASH });
  });

  it('holds for what was chained, and for every beginning of it', () =>
    fc.assert(
      fc.asyncProperty(someChain, fc.nat(), async (events, at) => {
        const part = events.slice(0, 1 + (at % events.length));
        assert.deepEqual(await verifyChain(part), { ok: true, events: part.length, head: part.at(-1)?.hash });
      }),
    ));

  it('names the very line that was changed', () =>
    fc.assert(
      fc.asyncProperty(
        someChain,
        fc.nat(),
        fc.constantFrom('key', 'actor', 'at', 'data', 'reason'),
        async (events, at, field) => {
          const index = at % events.length;
          const forged = events.map((event, each) => (each === index ? { ...event, [field]: 'forged' } : event));
          const verdict = await verifyChain(forged);
          assert.ok(!verdict.ok);
          assert.deepEqual([verdict.brokenSeq, verdict.events], [index + 1, index]);
        },
      ),
    ));

  it('names the first missing line when some are left out', () =>
    fc.assert(
      fc.asyncProperty(someChain, fc.nat(), fc.integer({ min: 1, max: 3 }), async (events, at, count) => {
        const index = at % events.length;
        fc.pre(index + count < events.length);
        const verdict = await verifyChain(events.toSpliced(index, count));
        assert.ok(!verdict.ok);
        assert.equal(verdict.brokenSeq, index + 1);
        assert.match(verdict.fault, new RegExp(`^line ${index + 1} is missing: line ${index + count + 1} stands`));
      }),
    ));

  it('shows, with a noted head, every cut off its end', () =>
    fc.assert(
      fc.asyncProperty(someChain, fc.nat(), async (events, at) => {
        const kept = at % events.length;
        const noted = events.at(-1)!.hash;
        assert.equal((await verifyChain(events, noted)).ok, true);
        const verdict = await verifyChain(events.slice(0, kept), noted);
        assert.ok(!verdict.ok);
        assert.equal(verdict.brokenSeq, kept + 1);
      }),
    ));

  it('reads no further than the first broken line', async () => {
    let read = 0;
    function* lines(): Generator<AuditEvent> {
      for (const event of chainOf([{}, {}, {}, {}])) {
        read += 1;
        yield read === 2 ? { ...event, actor: 'eve' } : event;
      }
    }
    assert.equal((await verifyChain(lines())).ok, false);
    assert.equal(read, 2);
  });
});
