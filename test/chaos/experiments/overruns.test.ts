import assert from 'node:assert/strict';
import type { RunStatus } from '../../../src/domain/experiment/run.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { AuditEvent } from '../../../src/store/audit/store.ts';
import { computeOverruns, findMadeAmiss, isAllTold } from './overruns.ts';

const EXPERIMENT = { name: 'e1', environment: 'chaos' };

function at(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
}

/** Of the first run, in the order in which they are written. */
function events(...written: [second: number, type: string, stack: string][]): AuditEvent[] {
  return written.map(([second, type, stack], index): AuditEvent => {
    const data: JsonObject = { stack };
    const chain = { previousHash: '', hash: '', key: `${index}`, subject: 'e1/chaos', actor: 'ada' };
    return { ...chain, seq: index + 1, at: at(second), type, rollout: 'e1/chaos@1', data };
  });
}

function run(deadline: number): RunStatus {
  const status = { experiment: EXPERIMENT, run: 1, deadlineAt: at(deadline), startedAt: at(0) };
  return { ...status, trigger: 'person', actor: 'ada', phase: 'lease', phases: [], variants: [] };
}

describe('overruns', () => {
  const written = events(
    [0, 'lease.taken', 'a'],
    [0, 'lease.taken', 'b'],
    [1, 'stack.provisioning', 'a'],
    [2, 'stack.provisioned', 'a'],
    [30, 'reaper.reaped', 'a'],
    [31, 'stack.destroyed', 'a'],
    [40, 'stack.destroyed', 'b'],
  );

  it('are told once it is on record of every stack that was begun that it is gone', () => {
    assert.ok(isAllTold(written));
    assert.ok(!isAllTold(written.slice(0, 4)));
  });

  it('are counted from the deadline to when the stack was gone first, without the time in which nobody could work', () => {
    assert.deepEqual(
      computeOverruns(written, [run(20)], () => 0),
      [{ stack: 'a', ms: 10_000, by: 'reaper.reaped' }],
    );
    assert.deepEqual(
      computeOverruns(written, [run(20)], (from, to) => (to - from) / 2),
      [{ stack: 'a', ms: 5_000, by: 'reaper.reaped' }],
    );
    assert.deepEqual(
      computeOverruns(written, [run(30)], () => 0),
      [{ stack: 'a', ms: 0, by: 'reaper.reaped' }],
    );
  });

  it('have no end where nothing says that a stack is gone', () => {
    const [found] = computeOverruns(written.slice(0, 4), [run(20)], () => 0);
    assert.equal(found?.ms, Number.POSITIVE_INFINITY);
  });

  it('tell what was made without a lease, or anew', () => {
    assert.deepEqual(findMadeAmiss(written), []);
    const early = events([0, 'stack.provisioning', 'a'], [1, 'lease.taken', 'a']);
    assert.deepEqual(findMadeAmiss(early), ['a was made before it had a lease']);
    const anew = [...written, { ...written[3]!, seq: 99 }];
    assert.deepEqual(findMadeAmiss(anew), ['a was made after it had been destroyed']);
  });
});
