import assert from 'node:assert/strict';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { ApiError } from '../../../src/contract/supplant-client.ts';
import { driftIds } from '../../../src/domain/drift/ids.ts';
import { noteLook } from '../../../src/domain/drift/record.ts';
import { Drift } from '../../../src/gateway/backend/drift/drift.ts';
import { Services } from '../../../src/gateway/backend/services.ts';
import { waitUntil } from '../../../src/host/polling.ts';
import { type Store, openStore } from '../../../src/store/store.ts';
import { DRIFT_LOOK, LookSchedule } from '../../../src/temporal/look-schedule.ts';
import { gone } from '../../domain/drift/samples.ts';
import { revision, spec } from '../../workflow/samples.ts';
import { startServer } from '../../workflow/server.ts';

/** Schedules are a namespace's: the server is not shared. */
const OF_ITS_OWN = ['limit.maxIDLength=1000'];

const service = { name: 'web', environment: 'production' };

describe('drift behind a gateway', () => {
  let env: TestWorkflowEnvironment;
  let store: Store;
  let drift: Drift;

  before(async () => (env = await startServer(OF_ITS_OWN)));
  after(() => (env as TestWorkflowEnvironment | undefined)?.teardown());
  beforeEach(async () => {
    store = await openStore(':memory:');
    const open = async () => store;
    drift = new Drift({ temporal: env.client, store: open, services: new Services(open) });
    const described = { ...spec(service), drift: 'block' as const };
    await store.catalogue.saveService(described, 1);
    for (const [number, state] of [
      [2, 'retired'],
      [10, 'live'],
      [9, 'warm'],
    ] as const) {
      const made = revision(described, number);
      await store.catalogue.saveRevision({ ...made, state, since: made.createdAt, endpoints: [] }, 1);
    }
  });
  afterEach(() => store.close());

  const schedule = () => env.client.schedule.getHandle(driftIds.schedule);
  const isThere = () =>
    schedule()
      .describe()
      .then(
        () => true,
        () => false,
      );
  const watch = (everyMs: number | undefined): LookSchedule =>
    LookSchedule.watch({ client: env.client, taskQueue: 'none', look: DRIFT_LOOK, everyMs, log: () => undefined }, 50);

  it('lists live and warm stacks, those that were not looked at among them, and none that is gone', async () => {
    const found = (number: number) => noteLook({ service, revision: number }, undefined, [gone('p1')], 'then').record;
    for (const number of [2, 9]) await store.drift.save(found(number));
    const { stacks } = await drift.list();
    assert.deepEqual(
      stacks.map((each) => [each.revision, each.isLive, each.state, each.blocks]),
      [
        [9, false, 'drifted', true],
        [10, true, 'unknown', true],
      ],
    );
    assert.deepEqual((await drift.list(service)).stacks, stacks);
    await assert.rejects(drift.list({ ...service, name: 'nobody' }), { reason: 'NOT_FOUND' });
  });

  it('says what keeps stacks from being looked at by themselves', async () => {
    const trouble = async () => (await drift.list()).trouble;
    assert.match((await trouble()) ?? '', /SUPPLANT_DRIFT_EVERY is off, or no worker is running/);
    {
      using _watch = watch(3_600_000);
      assert.ok(await waitUntil(10_000, isThere));
      assert.equal((await schedule().describe()).spec.intervals?.[0]?.every, 3_600_000);
      assert.equal(await trouble(), undefined);
      await schedule().delete();
      assert.ok(await waitUntil(10_000, isThere));
      await schedule().pause('moving');
      assert.ok(await waitUntil(10_000, async () => (await trouble()) !== undefined));
      assert.match((await trouble()) ?? '', /^somebody has paused .*, supplant\/drift \(moving\)$/);
    }
    using _off = watch(undefined);
    assert.ok(await waitUntil(10_000, async () => !(await isThere())));
  });

  it('says how far a check is that no request can wait for; a repeat joins it, and its word is on record once', async () => {
    const change = { actor: 'ada', reason: 'a call', requestId: 'check-1' };
    for (const _attempt of [1, 2]) {
      await assert.rejects(drift.check(service, change), (error: unknown) => {
        assert.ok(error instanceof ApiError);
        assert.deepEqual([error.reason, error.progress], ['UNAVAILABLE', 'looking at the stacks of web/production']);
        return true;
      });
    }
    const events = await store.audit.list();
    assert.deepEqual(
      events.map(({ type, subject, actor, reason }) => [type, subject, actor, reason]),
      [['drift.requested', 'web/production', 'ada', 'a call']],
    );
    await assert.rejects(drift.check(service, { ...change, reason: 'another' }), { reason: 'CONFLICT' });
    await env.client.workflow.getHandle(driftIds.check(service, 'check-1')).terminate();
    await assert.rejects(drift.check(service, change), {
      reason: 'UNAVAILABLE',
      message: /somebody has ended the look/,
    });
    await assert.rejects(drift.check({ ...service, name: 'nobody' }, change), { reason: 'NOT_FOUND' });
  });
});
