import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { workflowIds } from '../../src/domain/service/requests.ts';
import { passing, permanent } from './faults.ts';
import { ServiceBench, isOver } from './service-bench.ts';
import { benchForEach } from './suite.ts';

describe('service whose rollout is terminated', () => {
  const bench = benchForEach();

  it('takes the route away when nothing was live before', async () => {
    const { activities } = bench();
    const desk = new ServiceBench(bench());
    const hold = activities.hold('bake');
    const { rollout } = await desk.apply('v1', { bakeMs: 60_000 });
    await hold.reached;
    await desk.rollout(rollout).terminate();
    await desk.until(({ last }) => last === rollout);
    await bench().visible(async () => activities.stacks.names.length === 0);
    assert.equal(activities.router.route, undefined);
    await isRecorded(rollout, 'failed');
    hold.release();
  });

  it('sends traffic to what is on record as live, and takes the new stack down', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    const hold = activities.hold('bake');
    const { rollout } = await desk.apply('v2', { bakeMs: 60_000 });
    await hold.reached;
    assert.deepEqual(activities.router.weights, { r2: 100, r1: 0 });
    await desk.rollout(rollout).terminate();
    const { live } = await desk.until(({ last }) => last === rollout);
    assert.equal(live, 1);
    await bench().visible(async () => activities.stacks.names.length === 1);
    assert.deepEqual(activities.router.weights, { r1: 100 });
    await isRecorded(rollout, 'failed');
    hold.release();
    assert.equal((await desk.over(await desk.apply('v3'))).outcome, 'succeeded');
  });

  it('stays on what was settled, and still takes down what was to go', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    const hold = activities.hold('destroy');
    const { rollout } = await desk.apply('v2', { warm: 0 });
    await hold.reached;
    await desk.rollout(rollout).terminate();
    hold.release();
    assert.equal((await desk.until(({ last }) => last === rollout)).live, 2);
    await bench().visible(async () => activities.stacks.names.length === 1);
    assert.deepEqual(activities.router.weights, { r2: 100 });
    await isRecorded(rollout, 'succeeded');
  });

  it('does not take a rollback to a warm revision for settled that was not', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 2);
    const hold = activities.hold('shift');
    activities.on('recheck', passing());
    const again = activities.hold('recheck');
    const { rollout } = await desk.rollback(1);
    await again.reached;
    await desk.rollout(rollout).terminate();
    hold.release();
    again.release();
    const { live } = await desk.until(({ last }) => last === rollout);
    assert.equal(live, 2);
    assert.deepEqual(activities.router.weights, { r2: 100, r1: 0 });
    assert.deepEqual(activities.stacks.names, ['r1', 'r2']);
    await isRecorded(rollout, 'failed');
  });

  it('keeps a service whose removal did not get as far as its route', async () => {
    const { activities, service } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    activities.on('open', passing());
    const hold = activities.hold('open');
    const { rollout } = await desk.remove();
    await hold.reached;
    await desk.rollout(rollout).terminate();
    hold.release();
    assert.equal((await desk.until(({ last }) => last === rollout)).live, 1);
    assert.deepEqual(activities.router.weights, { r1: 100 });
    assert.equal((await activities.store.catalogue.service(service))?.removedAt, undefined);
  });

  it('gives a rollout an end that was refused when it was to begin, and goes on with the next', async () => {
    const { activities, service } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    activities.on('open', permanent('NotRecorded', 'r2 of web is not recorded'), {
      matches: (task) => (task as { ref: { number: number } }).ref.number === 2,
    });
    const { rollout } = await desk.apply('v2');
    const next = await desk.apply('v3');
    assert.equal((await desk.over(next)).outcome, 'succeeded');
    await isRecorded(rollout, 'aborted');
    const dropped = (await activities.store.audit.list()).filter(({ type }) => type === 'rollout.dropped');
    assert.match(dropped[0]?.reason ?? '', /refused when it was to begin: r2 of web is not recorded/);
    const [overview] = await activities.store.catalogue.overview(service);
    assert.deepEqual([overview?.queue, overview?.last?.number], [[], next.rollout]);
  });

  it('finishes a removal that was settled', async () => {
    const { activities, service } = bench();
    const desk = await ServiceBench.live(bench(), 2);
    const hold = activities.hold('destroy');
    const { rollout } = await desk.remove();
    await hold.reached;
    await desk.rollout(rollout).terminate();
    hold.release();
    await bench().visible(() => isOver(desk.handle));
    assert.deepEqual(activities.stacks.names, []);
    assert.notEqual((await activities.store.catalogue.service(service))?.removedAt, undefined);
  });

  async function isRecorded(number: number, outcome: string): Promise<void> {
    const { activities, service } = bench();
    await bench().visible(async () => {
      const [record] = (await activities.store.catalogue.rollouts(service)).filter((each) => each.number === number);
      return record?.outcome === outcome;
    });
  }
});

describe('service whose own workflow is terminated', () => {
  const bench = benchForEach();

  it('goes on from the record: revision set, what was live before, numbers', async () => {
    const desk = await ServiceBench.live(bench(), 2);
    await desk.handle.terminate();
    const receipt = await desk.rollback();
    assert.equal(receipt.rollout, 3);
    assert.equal((await desk.over(receipt)).revision, 1);
    const next = await desk.deploy('v3');
    assert.deepEqual([next.rollout, next.revision], [4, 3]);
    assert.equal((await desk.over(next)).outcome, 'succeeded');
  });

  it('does not start a rollout beside one that outlived it', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    const hold = activities.hold('bake');
    const first = await desk.apply('v2', { bakeMs: 20 });
    await hold.reached;
    await desk.handle.terminate();
    const second = await desk.apply('v3');
    assert.deepEqual([second.rollout, second.revision, second.queuedBehind], [3, 3, 1]);
    hold.release();
    assert.equal((await desk.over(second)).outcome, 'succeeded');
    assert.equal((await desk.rollout(first.rollout).result()).status.outcome, 'succeeded');
    assert.deepEqual(activities.router.weights, { r3: 100, r2: 0 });
  });

  it('salvages a rollout that was terminated along with it', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    const hold = activities.hold('bake');
    const first = await desk.apply('v2', { bakeMs: 60_000 });
    await hold.reached;
    await desk.handle.terminate();
    await desk.rollout(first.rollout).terminate();
    hold.release();
    const second = await desk.apply('v3');
    assert.equal((await desk.over(second)).outcome, 'succeeded');
    await bench().visible(async () => activities.stacks.names.length === 2);
    assert.deepEqual(activities.stacks.names, ['r1', 'r3']);
  });

  it('is not confused by teardowns that outlived it', async () => {
    const { activities, env, service } = bench();
    const hold = activities.hold('destroy');
    const desk = await ServiceBench.live(bench(), 2, { warmForMs: 1 });
    await hold.reached;
    await desk.handle.terminate();
    const receipt = await desk.apply('v3', { warmForMs: 3_600_000 });
    hold.release();
    assert.equal((await desk.over(receipt)).outcome, 'succeeded');
    await env.client.workflow.getHandle(workflowIds.teardown(service, 1)).result();
    assert.deepEqual(activities.stacks.names, ['r2', 'r3']);
  });
});

describe('service with a long history', () => {
  const bench = benchForEach(['limit.historyCount.suggestContinueAsNew=40']);

  it('goes on in a new run between rollouts, and forgets nothing', async () => {
    const { activities, env } = bench();
    const desk = new ServiceBench(bench());
    const first = await desk.apply('v1', {}, 'the-first');
    const firstRun = (await desk.handle.describe()).runId;
    const hold = activities.hold('provision');
    const receipts = [
      await desk.deploy('v2'),
      await desk.deploy('v3'),
      await desk.deploy('v4'),
      await desk.deploy('v5'),
    ];
    await hold.reached;
    hold.release();
    for (const receipt of receipts) assert.equal((await desk.over(receipt)).outcome, 'succeeded');
    const { runId } = await desk.handle.describe();
    assert.notEqual(runId, firstRun);
    assert.deepEqual(await desk.apply('v1', {}, 'the-first'), first);
    assert.equal((await desk.over(await desk.rollback())).revision, 4);
    assert.deepEqual(activities.router.weights, { r4: 100, r5: 0 });
    const runs = env.client.workflow.list({ query: `WorkflowId = '${workflowIds.service(bench().service)}'` });
    for await (const { status } of runs) assert.ok(['RUNNING', 'CONTINUED_AS_NEW'].includes(status.name), status.name);
  });

  it('goes on in a new run also where nothing needs a rollout', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const { runId } = await desk.handle.describe();
    await bench().visible(async () => {
      assert.equal((await desk.deploy('v1')).unchanged, true);
      return (await desk.handle.describe()).runId !== runId;
    });
    assert.equal((await desk.over(await desk.deploy('v2'))).outcome, 'succeeded');
  });
});
