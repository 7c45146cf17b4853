import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type RecordMoment, writeOrder } from '../../../src/domain/rollout/write-order.ts';

/** As they come, written by hand. */
const MOMENTS: RecordMoment[] = ['request', 'open', 'provision', 'settle', 'destroy', 'close'];

describe('the order of what is written on record', () => {
  it('is stored, so that no figure may ever be another', () => {
    assert.deepEqual(
      MOMENTS.map((moment) => writeOrder(12, moment)),
      [1200, 1210, 1220, 1250, 1270, 1290],
    );
  });

  it('rises over the rollouts of a service, and within each as its moments come', () => {
    const moment = fc.nat({ max: MOMENTS.length - 1 });
    const rollout = fc.integer({ min: 1, max: 1e9 });
    fc.assert(
      fc.property(rollout, moment, rollout, moment, (one, its, other, others) => {
        const order = Math.sign(one - other) || Math.sign(its - others);
        const found = writeOrder(one, MOMENTS[its]!) - writeOrder(other, MOMENTS[others]!);
        assert.equal(Math.sign(found), order);
      }),
    );
  });
});
