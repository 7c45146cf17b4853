import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { act } from './act.ts';
import type { ConcurrencyPolicy } from '../../src/domain/service/service.ts';
import { passing } from './faults.ts';
import { ServiceBench, refusal } from './service-bench.ts';
import { benchForEach } from './suite.ts';

describe('service whose policy is', () => {
  const bench = benchForEach();

  const recorded = async (rollout: number) =>
    (await bench().activities.store.catalogue.rollouts(bench().service)).find(({ number }) => number === rollout);
  const stateOf = async (revision: number) =>
    (await bench().activities.store.catalogue.revision(bench().service, revision))?.state;

  /** A first revision live, and a second rollout held where it provisions. */
  const busy = async (concurrency: ConcurrencyPolicy, bakeMs = 0) => {
    const desk = await ServiceBench.live(bench(), 1, { concurrency });
    const hold = bench().activities.hold('provision');
    const running = await desk.apply('v2', { concurrency, bakeMs });
    await hold.reached;
    return { desk, hold, running };
  };

  it('reject: refuses a deployment beside another, and never a rollback', async () => {
    const { desk, hold, running } = await busy('reject');
    const { type, message } = await refusal(desk.apply('v3', { concurrency: 'reject' }));
    assert.equal(type, 'Refused');
    assert.match(message, /rollout 2 .* is under way/);
    const rollback = await desk.rollback(1);
    hold.release();
    const left = await desk.over(running);
    assert.equal(left.outcome, 'aborted');
    assert.match(left.because ?? '', /rolls back, with rollout 3/);
    assert.equal((await desk.over(rollback)).outcome, 'succeeded');
    assert.equal(bench().activities.router.weights.r1, 100);
  });

  it('supersede-queued: takes the place of what waits, and lets the running one end', async () => {
    const { desk, hold, running } = await busy('supersede-queued');
    const waiting = await desk.apply('v3', { concurrency: 'supersede-queued' });
    const latest = await desk.apply('v4', { concurrency: 'supersede-queued' });
    assert.deepEqual([waiting.queuedBehind, latest.queuedBehind], [1, 1]);
    const dropped = await recorded(waiting.rollout);
    assert.deepEqual([dropped?.outcome, dropped?.because], ['aborted', `superseded by rollout ${latest.rollout}`]);
    assert.equal(await stateOf(3), 'failed');
    hold.release();
    assert.equal((await desk.over(running)).outcome, 'succeeded');
    assert.equal((await desk.over(latest)).outcome, 'succeeded');
    assert.deepEqual(bench().activities.router.weights, { r4: 100, r2: 0 });
    const events = await bench().activities.store.audit.list({ subject: `web/${bench().service.environment}` });
    assert.equal(events.filter(({ type }) => type === 'rollout.dropped').length, 1);
  });

  it('supersede-queued: leaves a removal in its place', async () => {
    const { desk, hold } = await busy('supersede-queued');
    const removal = await desk.remove();
    const latest = await desk.apply('v3', { concurrency: 'supersede-queued' });
    hold.release();
    assert.equal((await desk.ended(removal)).outcome, 'succeeded');
    assert.equal((await desk.ended(latest)).outcome, 'succeeded');
    assert.deepEqual(bench().activities.router.weights, { r3: 100 });
  });

  it('supersede-running: puts the running one back at its next safe point, not before', async () => {
    const { desk, hold, running } = await busy('supersede-running');
    const latest = await desk.apply('v3', { concurrency: 'supersede-running' });
    assert.equal(bench().activities.called('destroy'), 0);
    hold.release();
    const status = await desk.ended(running);
    assert.deepEqual([status.outcome, status.because], ['aborted', `superseded by rollout ${latest.rollout}`]);
    assert.equal((await desk.over(latest)).outcome, 'succeeded');
    assert.deepEqual(bench().activities.router.weights, { r3: 100, r1: 0 });
    assert.equal(await stateOf(2), 'failed');
  });

  it('queue: a rollback ends what runs and takes what waits out of the queue, with who and why on record', async () => {
    const { desk, hold, running } = await busy('queue');
    const waiting = [await desk.apply('v3'), await desk.apply('v4')].map(({ rollout }) => rollout);
    const rollback = await desk.rollback();
    const { revision, ends, drops, queuedBehind } = rollback;
    assert.deepEqual(
      { revision, ends, drops, queuedBehind },
      { revision: 1, ends: 2, drops: waiting, queuedBehind: 0 },
    );
    const later = await desk.apply('v5');
    hold.release();
    assert.equal((await desk.over(running)).outcome, 'aborted');
    assert.equal((await desk.over(rollback)).outcome, 'succeeded');
    for (const number of waiting) {
      const { outcome, because } = (await recorded(number)) ?? {};
      assert.deepEqual([outcome, because], ['aborted', `ada rolls back, with rollout ${rollback.rollout}`]);
    }
    // What is asked for after it is carried out after it.
    assert.equal((await desk.over(later)).outcome, 'succeeded');
    assert.equal(bench().activities.called('provision'), 3);
  });

  it('queue: a rollback waits for a deployment that has settled, and says so', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 2, { warm: 1 });
    // It is torn down once r3 has settled.
    const destroying = activities.hold('destroy');
    const running = await desk.apply('v3', { warm: 1 });
    await destroying.reached;
    const rollback = await desk.rollback();
    assert.deepEqual([rollback.revision, rollback.ends, rollback.queuedBehind], [2, undefined, 1]);
    destroying.release();
    assert.equal((await desk.over(running)).outcome, 'succeeded');
    assert.equal((await desk.over(rollback)).outcome, 'succeeded');
    assert.equal(activities.router.weights.r2, 100);
  });

  it('queue: what a rollback was to take out leaves the queue also where the service was terminated first', async () => {
    const { desk, hold, running } = await busy('queue');
    const waiting = await desk.apply('v3');
    bench().activities.on('drop', passing());
    const dropping = bench().activities.hold('drop');
    const cut = desk.rollback(undefined, 'back').catch(() => undefined);
    await dropping.reached;
    await desk.handle.terminate();
    dropping.fail('its worker is lost');
    await cut;
    const rollback = await desk.rollback(undefined, 'back');
    const later = await desk.apply('v5');
    hold.release();
    assert.equal((await desk.over(running)).outcome, 'aborted');
    assert.equal((await desk.over(rollback)).outcome, 'succeeded');
    assert.equal((await desk.over(later)).outcome, 'succeeded');
    assert.equal((await recorded(waiting.rollout))?.outcome, 'aborted');
    assert.equal(bench().activities.called('provision'), 3);
  });

  it('supersede-running: stays on what is live when a rollback names no revision', async () => {
    const { desk, hold, running } = await busy('supersede-running');
    const rollback = await desk.rollback();
    assert.equal(rollback.revision, 1);
    assert.deepEqual(await desk.rollback(), rollback);
    hold.release();
    assert.equal((await desk.ended(running)).outcome, 'aborted');
    assert.equal((await desk.over(rollback)).outcome, 'succeeded');
    assert.deepEqual(bench().activities.router.weights, { r1: 100 });
  });

  it('supersede-running: ends a bake at once, with traffic back first', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1, { concurrency: 'supersede-running' });
    const running = await desk.apply('v2', { concurrency: 'supersede-running', bakeMs: 3_600_000 });
    await bench().visible(async () => activities.called('bake') > 0);
    const latest = await desk.apply('v3', { concurrency: 'supersede-running' });
    assert.equal((await desk.ended(running)).outcome, 'aborted');
    assert.equal((await desk.over(latest)).outcome, 'succeeded');
    assert.deepEqual(activities.router.weights, { r3: 100, r1: 0 });
  });

  it('supersede-running: ends a pause', async () => {
    const { desk, hold, running } = await busy('supersede-running');
    await act(bench(), desk.rollout(running.rollout), 'pause');
    hold.release();
    await desk.apply('v3', { concurrency: 'supersede-running' });
    assert.equal((await desk.ended(running)).outcome, 'aborted');
  });

  it('queue, unless told: everything waits its turn, and what waits can be taken out', async () => {
    const { desk, hold, running } = await busy('queue');
    const waiting = await desk.apply('v3');
    const latest = await desk.apply('v4');
    assert.equal((await refusal(desk.note({ kind: 'drop', rollout: 2 }) as never)).type, 'Refused');
    assert.equal((await refusal(desk.note({ kind: 'drop', rollout: 9 }) as never)).type, 'NotFound');
    await desk.note({ kind: 'drop', rollout: waiting.rollout });
    assert.equal((await recorded(waiting.rollout))?.outcome, 'aborted');
    hold.release();
    assert.equal((await desk.over(running)).outcome, 'succeeded');
    assert.equal((await desk.over(latest)).outcome, 'succeeded');
    assert.equal(bench().activities.called('provision'), 3);
  });
});

describe('revisions that are', () => {
  const bench = benchForEach();

  it('pinned stay beside those that retention keeps, for longer than it keeps them', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 2, { warmForMs: 3_600_000 });
    await desk.note({ kind: 'pin', revision: 1 });
    for (const artifact of ['v3', 'v4']) await desk.over(await desk.deploy(artifact));
    assert.deepEqual(activities.router.weights, { r4: 100, r3: 0, r1: 0 });
    const { revisions } = await desk.until((status) => status.live === 4);
    assert.deepEqual(
      revisions.filter(({ pinned }) => pinned).map(({ number }) => number),
      [1],
    );
    await desk.note({ kind: 'unpin', revision: 1 });
    await desk.over(await desk.deploy('v5'));
    assert.deepEqual(activities.router.weights, { r5: 100, r4: 0 });
  });

  it('pinned beyond their time go as soon as they are unpinned', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    await desk.note({ kind: 'pin', revision: 1 });
    await desk.over(await desk.apply('v2', { warmForMs: 1 }));
    const { revisions } = await desk.until((status) => status.live === 2);
    assert.deepEqual(
      revisions.map(({ number }) => number),
      [2, 1],
    );
    await desk.note({ kind: 'unpin', revision: 1 });
    await desk.until((status) => status.revisions.length === 1);
  });

  it('neither live nor warm cannot be pinned', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    assert.equal((await refusal(desk.note({ kind: 'pin', revision: 7 }) as never)).type, 'Refused');
  });

  it('marked bad are not gone back to, by number or by default', async () => {
    const desk = await ServiceBench.live(bench(), 3, { warm: 2 });
    assert.equal((await refusal(desk.note({ kind: 'mark-bad', revision: 3 }) as never)).type, 'Refused');
    assert.equal((await refusal(desk.note({ kind: 'mark-bad', revision: 9 }) as never)).type, 'NotFound');
    await desk.note({ kind: 'mark-bad', revision: 2 });
    const { type, message } = await refusal(desk.rollback(2));
    assert.deepEqual([type, message], ['Refused', 'r2 is marked bad']);
    const receipt = await desk.rollback();
    assert.equal((await desk.over(receipt)).revision, 1);
  });

  it('marked stay so when the service begins afresh', async () => {
    const desk = await ServiceBench.live(bench(), 3, { warm: 2 });
    await desk.note({ kind: 'mark-bad', revision: 2 });
    await desk.note({ kind: 'pin', revision: 1 });
    await desk.handle.terminate();
    assert.equal((await refusal(desk.rollback(2))).type, 'Refused');
    const { revisions } = await desk.until((status) => status.revisions.some(({ pinned }) => pinned));
    assert.deepEqual(
      revisions.filter(({ pinned }) => pinned).map(({ number }) => number),
      [1],
    );
  });
});
