import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Journal } from '../../src/activities/journal.ts';
import { trafficActivities } from '../../src/activities/traffic.ts';
import { DEFAULT_ROUTER } from '../../src/domain/service/service.ts';
import { buildRoute } from '../../src/domain/traffic/build-route.ts';
import { computeRolloutGeneration } from '../../src/domain/traffic/generation.ts';
import { supersede } from './act.ts';
import { input, spec, standing } from './samples.ts';
import { benchForEach } from './suite.ts';

/**
 * A rollout's last steps are made within one workflow task. Temporal discards the task when a message came meanwhile, and
 * the workflow is run again from before them, with the message first.
 */
describe('a rollout that is superseded after its last step was made, and before that is in its history', () => {
  const bench = benchForEach();

  for (const kind of ['deploy', 'rollback'] as const) {
    it(`stays what it is on record as: ${kind}`, async () => {
      const { activities, service } = bench();
      const hold = activities.hold('close');
      const warm = kind === 'rollback' ? [2] : [];
      const handle = await bench().start(input(spec(service), { kind, to: 2, live: 1, warm }));
      await hold.reached;
      await supersede(bench(), handle);
      hold.release();
      const { status, revisionSet } = await handle.result();
      assert.deepEqual([status.outcome, revisionSet.live?.revision.number], ['succeeded', 2]);
      assert.deepEqual(activities.router.weights, { r2: 100, r1: 0 });
      assert.ok(activities.called('close') > 1, 'its last step was not made again');
      const finished = (await activities.store.audit.list()).filter(({ type }) => type === 'rollout.finished');
      assert.equal(finished.length, 1);
    });
  }

  it('has gone back to what is live already all the same', async () => {
    const { activities, service } = bench();
    const hold = activities.hold('close');
    const handle = await bench().start(input(spec(service), { kind: 'rollback', to: 1, live: 1 }));
    await hold.reached;
    await supersede(bench(), handle);
    hold.release();
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    const finished = (await activities.store.audit.list()).filter(({ type }) => type === 'rollout.finished');
    assert.equal(finished.length, 1);
  });

  it('gives traffic back that was shifted already', async () => {
    const { activities, service } = bench();
    const hold = activities.hold('check');
    const described = spec(service);
    const handle = await bench().start(input(described, { to: 2, live: 1 }));
    await hold.reached;
    // What a worker did that was lost before it could report its task.
    activities.stacks.prove(2);
    const route = buildRoute(service, computeRolloutGeneration(50, 1), standing(described, 2), [
      standing(described, 1),
    ]);
    const ref = { service, number: 50, actor: 'ada' };
    const journal = new Journal(activities.store.audit);
    await trafficActivities(activities.router, journal, activities.store.stops).shift({
      ref,
      router: DEFAULT_ROUTER,
      route,
      because: 'checks passed',
    });
    assert.deepEqual(activities.router.weights, { r2: 100, r1: 0 });
    await supersede(bench(), handle);
    hold.release();
    assert.equal((await handle.result()).status.outcome, 'aborted');
    assert.deepEqual(activities.router.weights, { r1: 100 });
    assert.deepEqual(activities.stacks.names, ['r1']);
  });
});
