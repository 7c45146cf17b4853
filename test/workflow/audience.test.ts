import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BakeTask } from '../../src/activities/bake.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import type { StrategySpec } from '../../src/domain/service/strategy.ts';
import { verdict } from '../doubles/recording-activities.ts';
import { act } from './act.ts';
import type { Bench, RolloutHandle } from './bench.ts';
import { answering, permanent } from './faults.ts';
import { input, spec } from './samples.ts';
import { benchForEach } from './suite.ts';

const COHORT = { header: { name: 'x-beta', value: 'yes' } };

const CANARY: StrategySpec = {
  kind: 'canary',
  cohort: { ...COHORT, bakeMs: 20, leastRequests: 3 },
  steps: [{ weight: 10, bakeMs: 20 }],
  bakeMs: 20,
  analysis: {
    compare: { errors: { alpha: 0.05 } },
    leastRequests: 1,
    budgets: { bad: 0, unmeasured: 0, undecided: 3 },
  },
};

const inspected = (then: 'promote' | 'abort'): StrategySpec => ({
  kind: 'blue-green',
  inspection: { holdMs: 20, then },
  bakeMs: 20,
  alarms: ['slow'],
  analysis: { errorsAtMost: 0, leastRequests: 1, budgets: { bad: 0, unmeasured: 0, undecided: 0 } },
});

function start(bench: Bench, strategy: StrategySpec, more: { live?: number } = { live: 2 }): Promise<RolloutHandle> {
  return bench.start(input({ ...spec(bench.service), strategy }, { to: 3, warm: [1], ...more }));
}

/** `r3 0, r2 100, r1 0 and x-beta=yes to r3` for each write of the rollout. */
function writes({ activities }: Bench): string[] {
  return activities.router.writes.slice(1).map(({ targets, cohort }) => {
    const weights = targets.map(({ revision, weight }) => `r${revision} ${weight}`).join(', ');
    const { name, value } = cohort?.header ?? cohort?.cookie ?? { name: '', value: '' };
    return cohort ? `${weights} and ${name}=${value} to r${cohort.revision}` : weights;
  });
}

const states = ({ steps }: RolloutStatus): string[] =>
  steps.map(({ weight, audience, state }) => `${audience ?? weight} ${state}`);

const bakes = ({ activities }: Bench): BakeTask[] =>
  activities.calls.filter(({ name }) => name === 'bake').map(({ task }) => task as BakeTask);

describe('a cohort before all shares', () => {
  const bench = benchForEach();

  it('has the new revision first, keeps it through all shares, and is part of every write until the last', async () => {
    const handle = await start(bench(), CANARY);
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(writes(bench()).slice(0, 3), [
      'r3 0, r2 100, r1 0 and x-beta=yes to r3',
      'r3 10, r2 90, r1 0 and x-beta=yes to r3',
      'r3 100, r2 0, r1 0',
    ]);
    assert.deepEqual(states(status), ['cohort done', '10 done', '100 done']);
    const { plan, exposure } = status;
    assert.deepEqual([plan?.audience, plan?.weights], ['cohort', [0, 10, 100]]);
    assert.ok(exposure?.cohortMs && exposure.cohortMs > 0, JSON.stringify(exposure));
    const written = (await bench().activities.store.audit.list()).filter(({ type }) => type === 'route.changed');
    assert.deepEqual(
      written.slice(0, 3).map(({ data }) => data.cohort),
      [
        { revision: 'r3', gets: 'requests with the header x-beta: yes' },
        { revision: 'r3', gets: 'requests with the header x-beta: yes' },
        undefined,
      ],
    );
  });

  it('is compared with nobody, since it is no sample, and has to have made its own number of requests', async () => {
    await (await start(bench(), CANARY)).result();
    const [cohort, share, all] = bakes(bench());
    assert.deepEqual([cohort?.requests?.least, share?.requests, all?.requests], [3, undefined, undefined]);
    assert.deepEqual(
      [cohort, share, all].map((task) => task?.analysis?.subject.baseline),
      [undefined, 2, undefined],
    );
  });

  it('goes in the same write that gives the traffic back, and the outcome says that there was some', async () => {
    bench().activities.on('bake', answering([verdict('home', 3, 'fail', 'answered 500')]));
    const { status } = await (await start(bench(), CANARY)).result();
    assert.equal(status.outcome, 'rolled-back');
    assert.deepEqual(states(status), ['cohort failed', '10 skipped', '100 skipped']);
    const { totalMs, cohortMs } = status.exposure ?? assert.fail('it had no exposure');
    assert.equal(totalMs, 0);
    assert.ok(cohortMs !== undefined && cohortMs > 0);
    assert.deepEqual(writes(bench()), [
      'r3 0, r2 100, r1 0 and x-beta=yes to r3',
      'r2 100, r3 0, r1 0',
      'r2 100, r1 0',
    ]);
  });

  it('is left out where nothing is live, of whom it would be a part', async () => {
    const handle = await start(bench(), CANARY, {});
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(states(status), ['100 done']);
    assert.ok(bench().activities.router.writes.every(({ cohort }) => cohort === undefined));
  });
});

describe('an inspection before all traffic', () => {
  const bench = benchForEach();

  it('lets requests that ask for it reach the new revision, and says where and until when', async () => {
    const hold = bench().activities.hold('bake');
    const handle = await start(bench(), inspected('promote'));
    await hold.reached;
    assert.deepEqual(writes(bench()), ['r3 0, r2 100, r1 0 and supplant-revision=r3 to r3']);
    const { wait } = await bench().until(handle, (status) => status.wait !== undefined);
    assert.equal(
      wait?.on,
      'somebody to promote r3, which answers at http://127.0.0.1:1 to the header or cookie supplant-revision with r3',
    );
    assert.equal(wait.then, 'step 2 of 2 follows if it stays healthy, else it is put back');
    assert.ok(wait.until !== undefined && wait.endedBy === 'promote or abort');
    await act(bench(), handle, 'promote');
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(states(status), ['inspection done', '100 done']);
    assert.equal(writes(bench())[1], 'r3 100, r2 0, r1 0');
    assert.equal(status.exposure?.cohortMs, undefined);
  });

  it('is judged by checks and alarms, and by no figure that a few requests could not decide', async () => {
    await (await start(bench(), inspected('promote'))).result();
    const [looked, all] = bakes(bench());
    assert.deepEqual([looked?.alarms, looked?.analysis], [['slow'], undefined]);
    assert.ok(all?.analysis);
  });

  it('is over after its time: all traffic follows', async () => {
    const { status } = await (await start(bench(), inspected('promote'))).result();
    assert.equal(status.outcome, 'succeeded');
  });

  it('is over after its time: it is put back as one that never had traffic, where that was to follow', async () => {
    const { status } = await (await start(bench(), inspected('abort'))).result();
    assert.equal(status.outcome, 'failed');
    assert.equal(status.because, 'nobody promoted r3 within 20ms, the time of its inspection');
    assert.deepEqual(states(status), ['inspection failed', '100 skipped']);
    assert.deepEqual(writes(bench()).slice(1), ['r2 100, r3 0, r1 0', 'r2 100, r1 0']);
    assert.equal(status.exposure, undefined);
  });

  it('goes on where it is promoted, whatever was to follow', async () => {
    const hold = bench().activities.hold('bake');
    const handle = await start(bench(), inspected('abort'));
    await hold.reached;
    const { wait } = await bench().until(handle, (status) => status.wait !== undefined);
    assert.equal(wait?.then, 'it is put back');
    await act(bench(), handle, 'promote');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });

  it('is put back as one that never had traffic where a check fails, or all traffic is refused to it', async () => {
    bench().activities.on('bake', answering([verdict('home', 3, 'fail', 'answered 500')]));
    const { status } = await (await start(bench(), inspected('promote'))).result();
    assert.equal(status.outcome, 'failed');
    assert.deepEqual(bench().activities.router.weights, { r2: 100, r1: 0 });
  });

  it('is put back as one that never had traffic where the router refuses it all traffic', async () => {
    bench().activities.on('shift', permanent('RouteRefused'), { matches: (task) => hasAll(task) });
    const { status } = await (await start(bench(), inspected('promote'))).result();
    assert.equal(status.outcome, 'failed');
    assert.equal(status.exposure, undefined);
  });
});

function hasAll(task: unknown): boolean {
  const { route } = task as { route: { targets: { revision: number; weight: number }[] } };
  return route.targets.some(({ revision, weight }) => revision === 3 && weight === 100);
}
