import assert from 'node:assert/strict';
import { defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import { readPendingActivities as readThem } from '../../../src/gateway/backend/pending-activities.ts';

const { PENDING_ACTIVITY_STATE_SCHEDULED: SCHEDULED, PENDING_ACTIVITY_STATE_STARTED: STARTED } =
  proto.temporal.api.enums.v1.PendingActivityState;

const NOW = new Date('2026-03-14T15:00:00.000Z');

function at(seconds: number) {
  return { seconds: Math.round(NOW.getTime() / 1000) + seconds, nanos: 0 } as never;
}

function told(value: unknown) {
  return { payloads: [defaultPayloadConverter.toPayload(value)] };
}

/** Who serves pool `us`, and no other. */
const lookAtPools = async () => (pool: string) => (pool === 'us' ? undefined : `nobody serves ${pool}`);

const readPendingActivities = (activities: Parameters<typeof readThem>[0], now: Date) =>
  readThem(activities, now, lookAtPools);

const iso = (seconds: number): string => new Date(NOW.getTime() + seconds * 1000).toISOString();

describe('what a workflow’s activities wait for', () => {
  it('nothing, where there are none', async () => {
    assert.deepEqual(await readPendingActivities(undefined, NOW), []);
  });

  it('a place at a worker, where one was scheduled and nobody took it', async () => {
    const [activity] = await readPendingActivities(
      [
        {
          activityId: '7',
          activityType: { name: 'provision' },
          state: SCHEDULED,
          attempt: 1,
          scheduledTime: at(-90),
          expirationTime: at(3_600),
        },
      ],
      NOW,
    );
    assert.deepEqual(activity, { name: 'provision', state: 'waiting', since: iso(-90), attempt: 1, until: iso(3_600) });
  });

  it('a place on one host, where no other may take it', async () => {
    const waiting = { activityId: '7', activityType: { name: 'provision' }, state: SCHEDULED, attempt: 1 };
    const name = async (queue: string) =>
      (await readPendingActivities([{ ...waiting, activityOptions: { taskQueue: { name: queue } } }], NOW))[0]?.name;
    assert.equal(await name('supplant-stacks-web-1-3f9c1b7a'), 'provision on host web-1-3f9c1b7a');
    assert.equal(await name('supplant-stacks-pool.eu-west'), 'provision');
    assert.equal(await name('supplant-stacks'), 'provision');
  });

  it('a worker of a pool that nobody serves', async () => {
    const waiting = { activityId: '7', activityType: { name: 'provision' }, state: SCHEDULED, attempt: 1 };
    const because = async (queue: string, more: object = {}) =>
      (await readPendingActivities([{ ...waiting, activityOptions: { taskQueue: { name: queue } }, ...more }], NOW))[0]
        ?.because;
    assert.equal(await because('supplant-stacks-pool.eu-west'), 'nobody serves eu-west');
    assert.equal(await because('supplant-stacks'), 'nobody serves default');
    assert.equal(await because('supplant-stacks-pool.us'), undefined);
    assert.equal(await because('supplant-stacks-web-1-3f9c1b7a'), undefined);
    assert.equal(await because('supplant-watches'), undefined);
    assert.equal(await because('supplant-stacks', { state: STARTED }), undefined);
  });

  it('the next attempt, with what the last one ended with', async () => {
    const failed = {
      activityId: '7',
      activityType: { name: 'provision' },
      state: SCHEDULED,
      attempt: 4,
      scheduledTime: at(5),
      lastAttemptCompleteTime: at(-1),
      lastFailure: { message: 'the engine failed' },
    };
    const [activity] = await readPendingActivities([failed], NOW);
    assert.deepEqual(activity, {
      name: 'provision',
      state: 'retrying',
      since: iso(-1),
      attempt: 4,
      lastError: 'the engine failed',
      nextAttemptAt: iso(5),
    });
    // Its time has come, and nobody took it.
    const [late] = await readPendingActivities([{ ...failed, scheduledTime: at(-2) }], NOW);
    assert.equal(late?.state, 'waiting');
    assert.equal(late.lastError, 'the engine failed');
  });

  it('nothing, where it runs: it tells what it saw last, under the name that its workflow chose', async () => {
    const running = { activityType: { name: 'check' }, state: STARTED, attempt: 1, lastStartedTime: at(-3) };
    const [activity] = await readPendingActivities(
      [
        {
          ...running,
          activityId: 'check answers',
          heartbeatDetails: told({ attempts: 3, passed: 1, evidence: 'GET / answered 500, wanted 200' }),
        },
      ],
      NOW,
    );
    assert.deepEqual(activity, {
      name: 'check answers',
      state: 'running',
      since: iso(-3),
      attempt: 1,
      latest: '3 attempts, 1 passed; latest: GET / answered 500, wanted 200',
    });
    const [odd] = await readPendingActivities([{ ...running, heartbeatDetails: told(['what is this']) }], NOW);
    assert.equal(odd?.latest, undefined);
  });

  it('nobody knows what, where it was lost', async () => {
    const [activity] = await readPendingActivities(
      [
        {
          activityId: '9',
          activityType: { name: 'bake' },
          state: SCHEDULED,
          attempt: 2,
          scheduledTime: at(-1),
          lastFailure: { message: 'activity Heartbeat timeout', timeoutFailureInfo: {} },
        },
      ],
      NOW,
    );
    assert.match(activity?.lastError ?? '', /nothing was heard of it any more \(activity Heartbeat timeout\)/);
  });
});
