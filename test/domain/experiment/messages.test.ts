import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { chooseTrigger, readExperimentInput, readRunStart } from '../../../src/domain/experiment/messages.ts';
import { experimentIds } from '../../../src/domain/experiment/run.ts';

const KEY = { name: 'nightly', environment: 'production' };
const INPUT = { v: 1, experiment: KEY } as const;
const SCHEDULE = experimentIds.schedule(KEY);
const AT = `${experimentIds.scheduled(KEY)}-2026-01-02T03:04:05Z`;

describe('what a run is begun with', () => {
  it('is an experiment, and nothing else', () => {
    assert.deepEqual(readExperimentInput(INPUT), INPUT);
    assert.deepEqual(readExperimentInput({ ...INPUT, experiment: { ...KEY, more: 1 }, more: 2 }), INPUT);
    for (const wrong of [null, undefined, 1, 'x', [], {}, { v: 1 }, { v: 2, experiment: KEY }, { experiment: KEY }]) {
      assert.equal(readExperimentInput(wrong), undefined);
    }
    assert.equal(readExperimentInput({ v: 1, experiment: { ...KEY, name: 'a--b' } }), undefined);
    assert.equal(readExperimentInput({ v: 1, experiment: { ...KEY, environment: 'A' } }), undefined);
  });

  it('throws for nothing that anybody could send', () => {
    fc.assert(fc.property(fc.anything(), (value) => void readExperimentInput(value)));
  });
});

describe('how a run was begun', () => {
  const read = (workflowId: string, scheduledBy?: string, parentId?: string) =>
    readRunStart(
      INPUT,
      { workflowId, isContinued: false, ...(parentId === undefined ? {} : { parentId }) },
      scheduledBy,
    );

  it('is by a request', () => {
    assert.deepEqual(read(experimentIds.requested(KEY, 'a-request')), { kind: 'requested' });
    assert.equal(read(experimentIds.requested({ ...KEY, name: 'other' }, 'a')), undefined);
    assert.equal(read(experimentIds.requested(KEY, 'a'), SCHEDULE), undefined);
    assert.equal(read(experimentIds.requested(KEY, 'a'), undefined, 'service/web/production'), undefined);
  });

  it('is by its schedule, at a time', () => {
    assert.deepEqual(read(AT, SCHEDULE), { kind: 'scheduled', time: '2026-01-02T03:04:05Z' });
    assert.equal(read(AT), undefined);
    assert.equal(read(AT, 'another'), undefined);
    assert.equal(read(`${experimentIds.scheduled(KEY)}-soon`, SCHEDULE), undefined);
    assert.equal(read(`${experimentIds.scheduled(KEY)}-2026-13-02T03:04:05Z`, SCHEDULE), undefined);
  });

  it('makes up for a missed time where that lies well before, beyond its jitter', () => {
    const now = new Date('2026-01-02T04:00:00Z');
    assert.equal(chooseTrigger('2026-01-02T03:59:00Z', {}, now), 'schedule');
    assert.equal(chooseTrigger('2026-01-02T03:50:00Z', {}, now), 'backfill');
    assert.equal(chooseTrigger('2026-01-02T03:50:00Z', { jitterMs: 600_000 }, now), 'schedule');
  });
});
