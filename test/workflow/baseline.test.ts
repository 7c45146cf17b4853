import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BakeTask } from '../../src/activities/bake.ts';
import type { CheckTask } from '../../src/activities/checks.ts';
import type { StackTask } from '../../src/activities/stacks.ts';
import { type RolloutResult, workflowIds } from '../../src/domain/service/requests.ts';
import type { StrategySpec } from '../../src/domain/service/strategy.ts';
import { EngineError } from '../../src/stacks/driver.ts';
import { verdict } from '../doubles/recording-activities.ts';
import { ERRORS } from '../domain/evidence/judge/samples.ts';
import { act, supersede } from './act.ts';
import type { Bench, RolloutHandle } from './bench.ts';
import { answering } from './faults.ts';
import { input, spec } from './samples.ts';
import { ServiceBench, refusal } from './service-bench.ts';
import { benchForEach } from './suite.ts';

const CANARY: StrategySpec = {
  kind: 'canary',
  steps: [
    { weight: 10, bakeMs: 20 },
    { weight: 50, bakeMs: 20 },
  ],
  bakeMs: 20,
  analysis: { ...ERRORS, compare: { ...ERRORS.compare!, baseline: 'fresh' } },
};

/** r3 takes the place of r2, beside r4, a fresh copy of r2. */
function start(bench: Bench): Promise<RolloutHandle> {
  return bench.start(input(spec(bench.service, { strategy: CANARY }), { to: 3, live: 2, warm: [1], baseline: 4 }));
}

/** `r3 10, r4 10, r2 80, r1 0` for each write of the rollout. */
function writes({ activities }: Bench): string[] {
  return activities.router.writes
    .slice(1)
    .map(({ targets }) => targets.map(({ revision, weight }) => `r${revision} ${weight}`).join(', '));
}

const isOf =
  (number: number) =>
  (task: unknown): boolean =>
    (task as StackTask).revision === number;

/** What stands once the baseline is gone, and how it is recorded then. */
async function gone(bench: Bench, stacks: string[]): Promise<void> {
  const { catalogue } = bench.activities.store;
  await bench.visible(async () => {
    const record = await catalogue.revision(bench.service, 4);
    return ['retired', 'failed'].includes(record?.state ?? '') && record?.endpoints.length === 0;
  });
  await bench.visible(async () => bench.activities.stacks.names.join() === stacks.join());
  assert.equal((await catalogue.revision(bench.service, 4))?.copyOf, 2);
  assert.ok(!('r4' in bench.activities.router.weights));
}

/** Everything is as before: no traffic was lost, nothing is left, and the release is not held for it. */
async function isAsBefore(bench: Bench, { blame, revisionSet }: RolloutResult): Promise<void> {
  await gone(bench, ['r1', 'r2']);
  assert.deepEqual(bench.activities.router.weights, { r2: 100, r1: 0 });
  assert.equal(revisionSet.live?.revision.number, 2);
  assert.equal(blame, undefined);
}

describe('a rollout beside a fresh baseline', () => {
  const bench = benchForEach();

  it('gives it the same share, and compares with it as long as that is something', async () => {
    const { status } = await (await start(bench())).result();
    assert.equal(status.outcome, 'succeeded', status.because);
    assert.equal(status.baseline, 4);
    assert.deepEqual(writes(bench()).slice(0, 3), [
      'r3 10, r4 10, r2 80, r1 0',
      'r3 50, r4 49, r2 1, r1 0',
      'r3 100, r4 0, r2 0, r1 0',
    ]);
    const bakes = bench()
      .activities.calls.filter(({ name }) => name === 'bake')
      .map(({ task }) => task as BakeTask);
    const earlier = (step: number) => ({ worth: 0, step, of: 2 });
    assert.deepEqual(
      bakes.map(({ analysis }) => analysis?.subject),
      [
        { revision: 3, baseline: 4, copyOf: 2, earlier: earlier(1) },
        { revision: 3, baseline: 4, copyOf: 2, earlier: earlier(2) },
        { revision: 3, earlier: earlier(3) },
      ],
    );
    assert.deepEqual(
      bakes.map(({ baseline }) => baseline?.revision),
      [4, 4, undefined],
    );
    await gone(bench(), ['r2', 'r3']);
    assert.deepEqual(bench().activities.router.weights, { r3: 100, r2: 0 });
  });

  it('makes it beside the new revision, has it pass the checks of its release, and records both', async () => {
    const { status } = await (await start(bench())).result();
    const checked = status.verdicts.filter(({ phase }) => phase === 'validate');
    assert.deepEqual(
      checked.map(({ check, revision }) => `${check} of r${revision}`),
      ['home of r3', 'home of r4'],
    );
    const events = await bench().activities.store.audit.list();
    const told = events.filter(({ type, data }) => type === 'check.judged' && data.phase === 'validate');
    assert.deepEqual(
      told.map(({ data }) => data.revision),
      ['r3', 'r4'],
    );
    const [begun] = events.filter(({ type }) => type === 'baseline.begun');
    assert.deepEqual(begun?.data, { revision: 'r4', copyOf: 'r2' });
    assert.match(status.phases[0]?.note ?? '', /compared with r4, a fresh copy of r2/);
    await gone(bench(), ['r2', 'r3']);
  });

  it('gives all traffic back at once where the new one is worse, and destroys both', async () => {
    bench().activities.on('bake', answering([verdict('errors against baseline', 3, 'fail', '9 of 10 were errors')]));
    const { status, blame } = await (await start(bench())).result();
    assert.equal(status.outcome, 'rolled-back');
    assert.match(status.because ?? '', /check errors against baseline failed/);
    assert.deepEqual(writes(bench()).slice(1), ['r2 100, r3 0, r4 0, r1 0', 'r2 100, r1 0']);
    assert.equal(blame?.revision, 3);
    await gone(bench(), ['r1', 'r2']);
  });

  it('goes back after the comparison is over, too', async () => {
    const { activities } = bench();
    activities.on('bake', answering([verdict('home', 3, 'pass')]), { times: 2 });
    activities.on('bake', answering([verdict('home', 3, 'fail', 'answered 500')]));
    const { status } = await (await start(bench())).result();
    assert.equal(status.outcome, 'rolled-back');
    await gone(bench(), ['r1', 'r2']);
    assert.deepEqual(activities.router.weights, { r2: 100, r1: 0 });
  });

  for (const verb of ['abort', 'supersede'] as const) {
    it(`leaves nothing of it after ${verb}`, async () => {
      const hold = bench().activities.hold('bake');
      const handle = await start(bench());
      await hold.reached;
      if (verb === 'abort') await act(bench(), handle, verb);
      else await supersede(bench(), handle);
      hold.release();
      const result = await handle.result();
      assert.equal(result.status.outcome, 'aborted');
      await isAsBefore(bench(), result);
    });
  }

  it('ends before traffic moves where the live release does not come up anew, and calls the new stack off', async () => {
    const { activities } = bench();
    activities.stacks.failures.set(4, new EngineError('no room for one more'));
    const hold = activities.hold('provision', { matches: isOf(3) });
    const result = await (await start(bench())).result();
    assert.equal(result.status.outcome, 'failed');
    const told =
      /^the baseline r4, a fresh copy of r2, could not be made: .*no room for one more.*; the release of r2, which is live, does not come up anew$/;
    assert.match(result.status.because ?? '', told);
    assert.ok(hold.cancelled);
    assert.deepEqual(writes(bench()), []);
    await isAsBefore(bench(), result);
  });

  it('calls the baseline off where the new revision cannot be made', async () => {
    const { activities } = bench();
    activities.stacks.failures.set(3, new EngineError('no such artifact'));
    const hold = activities.hold('provision', { matches: isOf(4) });
    const result = await (await start(bench())).result();
    assert.match(result.status.because ?? '', /no such artifact/);
    assert.ok(hold.cancelled);
    await isAsBefore(bench(), result);
  });

  it('ends before traffic moves where the copy fails its checks, which says nothing of the new release', async () => {
    bench().activities.on('check', answering(verdict('home', 4, 'fail', 'answered 500')), {
      matches: (task) => (task as CheckTask).subject.revision === 4,
    });
    const result = await (await start(bench())).result();
    assert.equal(result.status.outcome, 'failed');
    assert.match(
      result.status.because ?? '',
      /^the baseline r4, .* is not healthy: check home of r4 failed: answered 500;/,
    );
    assert.deepEqual(writes(bench()), []);
    await isAsBefore(bench(), result);
  });

  it('goes back where the copy fails under traffic, which says nothing of the new release', async () => {
    bench().activities.on('bake', answering([verdict('home', 3, 'pass'), verdict('home', 4, 'fail', 'refused')]));
    const result = await (await start(bench())).result();
    assert.equal(result.status.outcome, 'rolled-back');
    await isAsBefore(bench(), result);
  });

  it('makes none that was not asked for like this, by the record', async () => {
    const sample = input(spec(bench().service, { strategy: CANARY }), { to: 3, live: 2, warm: [1], baseline: 4 });
    await bench().prepare(sample);
    const { described: _described, baseline, ...told } = sample;
    const handle = await bench().startAsService('rollout', workflowIds.rollout(bench().service, 50), {
      ...told,
      baseline: { ...baseline!, number: 5 },
    });
    const { status } = (await handle.result()) as RolloutResult;
    assert.equal(status.outcome, 'failed');
    assert.match(status.because ?? '', /was not asked for with a baseline r5 of r2/);
    assert.deepEqual(bench().activities.stacks.names, ['r1', 'r2']);
    assert.equal(await bench().activities.store.catalogue.revision(bench().service, 5), undefined);
  });
});

describe('a service whose releases are held against a fresh baseline', () => {
  const bench = benchForEach();
  const options = { strategy: CANARY, warm: 1 };

  it('gives each its number, has none where nothing is live, and goes back to none', async () => {
    const desk = new ServiceBench(bench());
    assert.equal((await desk.over(await desk.apply('v1', options))).baseline, undefined);
    const second = await desk.apply('v2', options);
    assert.equal(second.revision, 2);
    assert.ok(second.plan?.baselineMs !== undefined);
    assert.equal((await desk.over(second)).baseline, 3);
    const third = await desk.apply('v3', options);
    assert.equal(third.revision, 4);
    assert.equal((await desk.over(third)).baseline, 5);
    assert.match((await refusal(desk.rollback(3))).message, /r3 was a baseline, a copy of r1/);
    assert.equal((await desk.over(await desk.rollback())).revision, 2);
    await bench().visible(async () => bench().activities.stacks.names.join() === 'r2,r4');
  });

  it('leaves nothing of it where its rollout is terminated', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    const hold = activities.hold('bake');
    const { rollout } = await desk.apply('v2', options);
    await hold.reached;
    assert.deepEqual(activities.router.weights, { r2: 10, r3: 10, r1: 80 });
    await desk.rollout(rollout).terminate();
    await desk.until(({ last }) => last === rollout);
    await bench().visible(async () => activities.stacks.names.join() === 'r1');
    assert.deepEqual(activities.router.weights, { r1: 100 });
    hold.release();
    const next = await desk.apply('v3', options);
    assert.equal(next.revision, 4);
    assert.equal((await desk.over(next)).outcome, 'succeeded');
  });

  it('leaves nothing of it where the service is removed', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    await desk.apply('v2', options);
    const removal = await desk.remove();
    assert.equal((await desk.ended(removal)).outcome, 'succeeded');
    await bench().visible(async () => activities.stacks.names.length === 0);
    assert.equal(activities.router.route, undefined);
  });
});
