import assert from 'node:assert/strict';
import { catchUp, isBehindRecord } from '../../../src/domain/service/catch-up.ts';
import { type Entry, createServiceState } from '../../../src/domain/service/state.ts';

const key = { name: 'web', environment: 'production' };
const state = { ...createServiceState(key), lastRollout: 2, lastRevision: 2 };
const answer = (requestId: string) => ({ requestId, fingerprint: 'f', at: '2026-11-30T08:34:07.009Z' });
const entry = (number: number) => ({ number, kind: 'remove' }) as Entry;

describe('a service that is behind its record', () => {
  it('is known by the request that was answered last', () => {
    const known = { ...state, answered: [answer('one'), answer('two')] };
    assert.equal(isBehindRecord(known, { latest: 'two' }), false);
    assert.equal(isBehindRecord(known, { latest: 'one' }), false);
    assert.equal(isBehindRecord(known, { latest: 'three' }), true);
  });

  it('is none where nothing is recorded, or where it was not looked up', () => {
    assert.equal(isBehindRecord(state, {}), false);
  });

  it('is known by a number that was given and has left no answer', () => {
    const known = { ...state, answered: [answer('one')] };
    assert.equal(isBehindRecord(known, { latest: 'one', lastRollout: 2 }), false);
    assert.equal(isBehindRecord(known, { latest: 'one', lastRollout: 3 }), true);
    assert.equal(isBehindRecord(state, { lastRollout: 3 }), true);
  });

  it('takes up what waits by the record, and leaves what it carries as it is', () => {
    const before = {
      ...state,
      queue: [entry(2)],
      running: entry(1),
      departing: [],
      removed: true,
      settingsDue: 'then',
    };
    const caught = catchUp(before, {
      ...{ lastRevision: 3, lastRollout: 4, answered: [answer('four')], pinned: [1], bad: [] },
      queue: [entry(2), entry(3), entry(4)],
    });
    assert.deepEqual(
      caught.queue.map(({ number }) => number),
      [2, 3, 4],
    );
    assert.deepEqual([caught.lastRollout, caught.lastRevision, caught.removed], [4, 3, false]);
    assert.deepEqual([caught.running?.number, caught.pinned, caught.settingsDue], [1, [1], undefined]);
    assert.equal(isBehindRecord(caught, { latest: 'four', lastRollout: 4 }), false);
  });

  it('takes up what needs no rollout, and stays removed', () => {
    const before = { ...state, removed: true };
    const caught = catchUp(before, { ...before, answered: [answer('note')], bad: [2] });
    assert.deepEqual([caught.removed, caught.bad, caught.queue], [true, [2], []]);
  });
});
