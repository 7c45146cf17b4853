import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findNothingToEnd, readDemand } from '../../../src/domain/hooks/demand.ts';

const read = (text: string | Uint8Array) => readDemand(typeof text === 'string' ? Buffer.from(text) : text);

describe('what a message demands', () => {
  for (const [text, wanted] of [
    ['{}', {}],
    ['{"reason":" 7 %\\n of checkouts fail ","other":[1]}', { reason: '7 % of checkouts fail' }],
    ['{"type":"alert","data":{"reason":"r","rollout":12}}', { reason: 'r', rollout: 12 }],
    ['{"reason":"outer","data":{"reason":"inner"}}', { reason: 'outer' }],
    ['{"reason":"  "}', {}],
  ] as const) {
    it(`is read of ${text}`, () => assert.deepEqual(read(text), wanted));
  }

  for (const [text, fault] of [
    ['', /has to be a JSON object/],
    ['[]', /has to be a JSON object/],
    ['null', /has to be a JSON object/],
    ['reason=x', /has to be a JSON object/],
    ['{"reason":7}', /reason has to be text/],
    ['{"rollout":"12"}', /rollout has to be the number/],
    ['{"rollout":0}', /rollout has to be the number/],
    [Buffer.from([0x22, 0xff, 0x22]), /has to be a JSON object/],
  ] as const) {
    it(`is refused of ${String(text)}`, () => {
      const found = read(text);
      assert.ok('fault' in found);
      assert.match(found.fault, fault);
    });
  }

  it('is one short line, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (reason) => {
        const found = read(JSON.stringify({ reason }));
        assert.ok(!('fault' in found));
        assert.ok((found.reason ?? '').length <= 300 && !/\p{Cc}/u.test(found.reason ?? ''));
      }),
    );
  });

  it('ends deployments that run, and nothing else', () => {
    const find = (kind: string | undefined, demanded?: number) =>
      findNothingToEnd('web/test', kind === undefined ? undefined : { number: 12, kind }, demanded);
    assert.equal(find('deploy'), undefined);
    assert.equal(find('deploy', 12), undefined);
    assert.equal(find('deploy', 11), 'rollout 11 of web/test is not running, rollout 12 is');
    assert.match(find('rollback') ?? '', /is a rollback, and only deployments are ended/);
    assert.match(find('remove') ?? '', /is a removal/);
    assert.match(find(undefined) ?? '', /^no rollout of web\/test is running/);
  });
});
