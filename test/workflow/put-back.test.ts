import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { act } from './act.ts';
import { verdict } from '../doubles/recording-activities.ts';
import { answering, passing } from './faults.ts';
import { ServiceBench } from './service-bench.ts';
import { benchForEach } from './suite.ts';

const BAKING = { bakeMs: 3_600_000 };

describe('while a rollout is put back', () => {
  const bench = benchForEach();

  /** r1 live, and rollout 2 in its bake; its stack does not go before that is let. */
  const baking = async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const bake = bench().activities.hold('bake');
    const destroying = bench().activities.hold('destroy');
    const receipt = await desk.apply('v2', BAKING);
    await bake.reached;
    return { desk, bake, destroying, receipt };
  };
  const abort = (desk: ServiceBench, rollout: number) => act(bench(), desk.rollout(rollout), 'abort');

  it('after an abort, the same manifest is deployed by a new rollout', async () => {
    const { desk, destroying, receipt } = await baking();
    assert.equal((await desk.apply('v2', BAKING)).rollout, receipt.rollout);
    await abort(desk, receipt.rollout);
    // As soon as the abort is acknowledged.
    const again = await desk.apply('v2', { bakeMs: 0 });
    assert.deepEqual([again.rollout, again.revision, again.unchanged], [3, 3, false]);
    assert.equal((await desk.apply('v2', { bakeMs: 0 })).rollout, again.rollout);
    await destroying.reached;
    destroying.release();
    assert.equal((await desk.over(receipt)).outcome, 'aborted');
    assert.equal((await desk.over(again)).outcome, 'succeeded');
    assert.equal((await desk.status())?.live, 3);
    assert.equal(bench().activities.router.weights.r3, 100);
  });

  it('what stays live needs no rollout, and is not answered with the one that ends', async () => {
    const { desk, destroying, receipt } = await baking();
    await abort(desk, receipt.rollout);
    await destroying.reached;
    const same = await desk.apply('v1', BAKING);
    assert.deepEqual([same.rollout, same.revision, same.unchanged], [1, 1, true]);
    destroying.release();
    assert.equal((await desk.over(receipt)).outcome, 'aborted');
    assert.equal((await desk.status())?.live, 1);
  });

  it('since it failed, the same manifest is a rollout of its own, which waits, and is dropped with the reason', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    activities.on('bake', answering([verdict('home', 2, 'fail')]));
    const destroying = activities.hold('destroy');
    const receipt = await desk.apply('v2', BAKING);
    await destroying.reached;
    const again = await desk.apply('v2', { bakeMs: 0 });
    assert.equal(again.rollout, 3);
    destroying.release();
    assert.equal((await desk.over(receipt)).outcome, 'rolled-back');
    await desk.until(({ queue }) => queue.length === 0);
    const dropped = await activities.store.catalogue.rollout(bench().service, again.rollout);
    assert.match(dropped?.because ?? '', /^its release is on hold: r2 was rolled back by rollout 2/);
  });

  it('for a rollback that was dropped again, the same manifest is deployed', async () => {
    const { desk, destroying, receipt } = await baking();
    const rollback = await desk.rollback(1);
    await desk.note({ kind: 'drop', rollout: rollback.rollout });
    const again = await desk.apply('v2', { bakeMs: 0 });
    assert.equal(again.rollout, 4);
    await destroying.reached;
    destroying.release();
    assert.equal((await desk.over(receipt)).outcome, 'aborted');
    assert.equal((await desk.over(again)).outcome, 'succeeded');
  });

  it('since it was terminated, the same manifest is deployed', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    const bake = activities.hold('bake');
    const receipt = await desk.apply('v2', BAKING);
    await bake.reached;
    // In place a step holds up its workflow; as an ordinary activity it does not.
    activities.on('close', passing());
    const closing = activities.hold('close');
    await desk.rollout(receipt.rollout).terminate();
    await closing.reached;
    const again = await desk.apply('v2', { bakeMs: 0 });
    assert.equal(again.rollout, 3);
    closing.release();
    assert.equal((await desk.over(again)).outcome, 'succeeded');
  });

  it('a service that was begun afresh is told so too', async () => {
    const { desk, destroying, receipt } = await baking();
    await abort(desk, receipt.rollout);
    await destroying.reached;
    await desk.handle.terminate();
    // Begins it; the rollout it finds running is asked, and says.
    await desk.note({ kind: 'pin', revision: 1 });
    await bench().visible(async () => {
      const { events } = await desk.handle.fetchHistory();
      const signals = (events ?? []).map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
      return signals.includes('putBackReport');
    });
    const again = await desk.apply('v2', { bakeMs: 0 });
    assert.equal(again.rollout, 3);
    destroying.release();
    assert.equal((await desk.over(again)).outcome, 'succeeded');
  });

  it('a message of another rollout, or of no shape, changes nothing', async () => {
    const { desk, bake, destroying, receipt } = await baking();
    destroying.release();
    for (const forged of [null, 'x', { rollout: 2 }, { rollout: 1, stage: 'begun' }, { rollout: 3, stage: 'begun' }]) {
      await desk.handle.signal('putBackReport', forged);
    }
    assert.equal((await desk.apply('v2', BAKING)).rollout, receipt.rollout);
    await act(bench(), desk.rollout(receipt.rollout), 'promote');
    bake.release();
    assert.equal((await desk.over(receipt)).outcome, 'succeeded');
    const events = await bench().activities.store.audit.list({ subject: `web/${bench().service.environment}` });
    assert.equal(events.filter(({ type }) => type === 'message.refused').length, 3);
  });
});
