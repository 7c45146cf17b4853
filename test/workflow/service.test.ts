import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { workflowIds } from '../../src/domain/service/requests.ts';
import { ServiceBench, isOver, refusal } from './service-bench.ts';
import { benchForEach } from './suite.ts';

describe('service that is asked for changes', () => {
  const bench = benchForEach();

  it('carries them out one at a time, in order, under the numbers it gave', async () => {
    const { activities } = bench();
    const desk = new ServiceBench(bench());
    const hold = activities.hold('provision');
    const first = await desk.apply('v1');
    await hold.reached;
    const second = await desk.deploy('v2');
    const third = await desk.deploy('v3');
    const told = [first, second, third].map(({ rollout, revision, queuedBehind }) => [rollout, revision, queuedBehind]);
    assert.deepEqual(told, [
      [1, 1, 0],
      [2, 2, 1],
      [3, 3, 2],
    ]);
    const { queue, running } = await desk.until((status) => status.running === 1);
    assert.deepEqual([running, queue.map(({ number }) => number)], [1, [2, 3]]);
    hold.release();
    assert.equal((await desk.over(third)).outcome, 'succeeded');
    const opened = activities.calls
      .filter(({ name }) => name === 'open')
      .map(({ task }) => task as { ref: { number: number } });
    assert.deepEqual(
      opened.map(({ ref }) => ref.number),
      [1, 2, 3],
    );
    assert.deepEqual(activities.router.weights, { r3: 100, r2: 0 });
  });

  it('answers a request id once, also when it comes twice at the same time', async () => {
    const desk = new ServiceBench(bench());
    const both = await Promise.all([desk.apply('v1', {}, 'same'), desk.apply('v1', {}, 'same')]);
    assert.deepEqual(both[0], both[1]);
    await desk.over(both[0]);
    assert.deepEqual(await desk.apply('v1', {}, 'same'), both[0]);
    const { type, message } = await refusal(desk.apply('v2', {}, 'same'));
    assert.equal(type, 'Conflict');
    assert.match(message, /same was used before with other content \(rollout 1\)/);
    assert.equal(bench().activities.called('open'), 1);
  });

  it('needs no rollout for what is live already, and keeps what else is new', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const receipt = await desk.apply('v1', { bakeMs: 5 });
    assert.deepEqual([receipt.unchanged, receipt.rollout, receipt.revision], [true, 1, 1]);
    assert.equal((await desk.status())?.settings.strategy.bakeMs, 5);
    assert.equal((await bench().activities.store.catalogue.service(bench().service))?.spec.strategy.bakeMs, 5);
  });

  it('restarts what is live as a fresh revision of the same release, by a whole rollout', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const receipt = await desk.restart('twice');
    assert.deepEqual([receipt.unchanged, receipt.rollout, receipt.revision], [false, 2, 2]);
    assert.equal((await desk.over(receipt)).outcome, 'succeeded');
    assert.deepEqual(await desk.restart('twice'), receipt);
    const { catalogue } = bench().activities.store;
    const [first, second] = [
      await catalogue.revision(bench().service, 1),
      await catalogue.revision(bench().service, 2),
    ];
    const content = (of: typeof first) => [of?.artifact, of?.blueprint, of?.checks];
    assert.deepEqual(content(second), content(first));
    assert.deepEqual([first?.state, second?.state], ['warm', 'live']);
    assert.equal(bench().activities.router.weights.r2, 100);
  });

  it('restarts nothing that is not there, or under way', async () => {
    const desk = new ServiceBench(bench());
    assert.equal((await refusal(desk.restart())).type, 'NotFound');
    const hold = bench().activities.hold('provision');
    const first = await desk.apply('v1');
    await hold.reached;
    assert.match((await refusal(desk.restart())).message, /rollout 1 of .* is under way/);
    hold.release();
    await desk.over(first);
  });

  it('refuses what its blueprint does not take, all faults at once, and leaves no workflow behind', async () => {
    const desk = new ServiceBench(bench());
    const faults = ['artifact', 'blueprint.config.port'].map((path) => ({ path, message: 'wrong' }));
    bench().activities.stacks.faults = faults;
    const { type, details } = await refusal(desk.apply('v1'));
    assert.equal(type, 'Invalid');
    assert.deepEqual(details, { faults });
    await bench().visible(() => isOver(desk.handle));
    assert.equal(bench().activities.called('accept'), 0);
  });

  for (const verb of ['deploy', 'rollback', 'remove'] as const) {
    it(`does not know what to ${verb} before it was applied, and leaves no workflow behind`, async () => {
      const desk = new ServiceBench(bench());
      const asked = { deploy: () => desk.deploy('v1'), rollback: () => desk.rollback(), remove: () => desk.remove() };
      assert.equal((await refusal(asked[verb]())).type, 'NotFound');
      await bench().visible(() => isOver(desk.handle));
    });
  }

  it('answers what comes in while it is still recalling', async () => {
    const desk = new ServiceBench(bench());
    const hold = bench().activities.hold('recall');
    const asked = Promise.all([desk.apply('v1'), desk.apply('v1')]);
    await hold.reached;
    hold.release();
    const [one, other] = await asked;
    assert.equal(one.rollout, other.rollout);
    assert.equal((await desk.over(one)).outcome, 'succeeded');
  });

  it('goes back to the previous revision, and forth again only by number', async () => {
    const desk = await ServiceBench.live(bench(), 2);
    assert.equal((await desk.over(await desk.rollback())).revision, 1);
    assert.equal((await desk.status())?.live, 1);
    assert.match((await refusal(desk.rollback())).message, /no previous revision/);
    assert.equal((await desk.over(await desk.rollback(2))).revision, 2);
    assert.equal((await desk.status())?.live, 2);
    assert.equal(bench().activities.called('provision'), 2);
  });

  it('goes back to a retired revision by its number, and refuses what cannot be had', async () => {
    const desk = await ServiceBench.live(bench(), 3, { warm: 0 });
    assert.equal((await desk.over(await desk.rollback(1))).outcome, 'succeeded');
    assert.equal((await refusal(desk.rollback(1))).message, 'r1 is live already');
    assert.equal((await refusal(desk.rollback(9))).type, 'NotFound');
  });

  it('goes back to the previous revision also where that was not kept', async () => {
    const desk = await ServiceBench.live(bench(), 2, { warm: 0 });
    assert.equal((await desk.over(await desk.rollback())).revision, 1);
    assert.deepEqual(bench().activities.router.weights, { r1: 100 });
  });

  it('refuses a rollback where there is no previous revision', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    assert.match((await refusal(desk.rollback())).message, /no previous revision/);
  });

  it('does not endanger what became live meanwhile when two ask for the same rollback', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 2);
    const hold = activities.hold('recheck');
    const first = await desk.rollback(1);
    await hold.reached;
    const second = await desk.rollback(1);
    hold.release();
    assert.equal((await desk.over(first)).outcome, 'succeeded');
    const { outcome, phases } = await desk.over(second);
    assert.deepEqual([outcome, phases[0]?.note], ['succeeded', 'r1 is live already']);
    assert.deepEqual(activities.router.weights, { r1: 100, r2: 0 });
  });

  it('ends when it is removed; applied again, its numbers go on', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const receipt = await desk.remove();
    assert.equal((await desk.ended(receipt)).outcome, 'succeeded');
    await bench().visible(() => isOver(desk.handle));
    assert.deepEqual(bench().activities.stacks.names, []);
    assert.equal((await refusal(desk.deploy('v2'))).type, 'NotFound');
    const again = await desk.apply('v1');
    assert.deepEqual([again.rollout, again.revision], [3, 2]);
    assert.equal((await desk.over(again)).outcome, 'succeeded');
  });

  it('takes down what was warm for long enough, and writes its route anew', async () => {
    const { activities, env, service } = bench();
    const desk = await ServiceBench.live(bench(), 2, { warmForMs: 1 });
    const generation = activities.router.writes.at(-1)!.generation;
    const gone = env.client.workflow.getHandle(workflowIds.teardown(service, 1));
    await bench().visible(async () => activities.stacks.names.length === 1);
    await gone.result();
    assert.deepEqual(activities.router.weights, { r2: 100 });
    assert.ok(activities.router.generation >= generation);
    assert.deepEqual((await desk.until(({ revisions }) => revisions.length === 1)).live, 2);
    assert.equal((await desk.over(await desk.deploy('v3'))).outcome, 'succeeded');
  });

  it('does not go back to a revision that is being torn down', async () => {
    const { activities } = bench();
    const hold = activities.hold('destroy');
    const desk = await ServiceBench.live(bench(), 2, { warmForMs: 1 });
    await hold.reached;
    assert.match((await refusal(desk.rollback(1))).message, /r1 is being torn down/);
    assert.match((await refusal(desk.rollback())).message, /no previous revision/);
    hold.release();
  });
});
