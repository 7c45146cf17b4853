import assert from 'node:assert/strict';
import { buildContractStatuses, findContractWake, listDependants } from '../../../src/domain/migrations/contract.ts';

const AT = '2026-11-30T07:00:00.000Z';

describe('what a contract waits for', () => {
  const stack = (number: number, state: 'live' | 'warm' | 'ready' | 'retired' | 'failed', endpoints = 1) => ({
    ...{ number, state },
    endpoints: Array.from({ length: endpoints }, () => ({})),
  });

  it('is every older release that may still run: warm, on its way out, stuck, or a copy of one', () => {
    const revisions = [
      { ...stack(6, 'ready'), copyOf: 4 },
      stack(5, 'live'),
      stack(4, 'warm'),
      stack(3, 'retired'),
      stack(2, 'failed', 0),
      stack(1, 'retired', 0),
    ];
    assert.deepEqual(listDependants(5, revisions, [{ revision: 2 }]), [2, 3, 4, 6]);
    assert.deepEqual(listDependants(2, revisions, []), []);
  });

  it('is no copy of what is live, nor anything that is gone', () => {
    const gone = [{ ...stack(6, 'retired', 0), copyOf: 4 }, stack(4, 'retired', 0), stack(5, 'live')];
    assert.deepEqual(listDependants(5, gone, []), []);
    assert.deepEqual(listDependants(5, [{ ...stack(7, 'ready'), copyOf: 5 }, stack(5, 'live')], []), []);
  });

  it('is told, a baseline that drains among it', () => {
    const contract = {
      ...{ revision: 2, rollout: 2, liveSince: AT, afterMs: 0, timeoutMs: 1_000, since: AT, calls: 0 },
      ...{ state: 'waiting' as const, url: 'https://hooks.example/contract', secret: 'env:HOOK_SECRET' },
    };
    const copy = { number: 3, state: 'ready', copyOf: 1 };
    const [told] = buildContractStatuses([contract], [{ number: 2, state: 'live' }, copy]);
    assert.deepEqual(told?.waitsFor, [3]);
    const facts = { revisionSet: { warm: [] }, departing: [], queue: [] };
    const later = '2026-11-30T07:00:05.000Z';
    assert.equal(findContractWake({ ...facts, contracts: [contract] }), AT);
    assert.equal(findContractWake({ ...facts, contracts: [{ ...contract, nextCallAt: later }] }), later);
  });
});
