import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Journal } from '../../src/activities/journal.ts';
import { trafficActivities } from '../../src/activities/traffic.ts';
import type { BakeTask } from '../../src/activities/bake.ts';
import { outlinePlan } from '../../src/domain/rollout/exposure.ts';
import type { Step } from '../../src/domain/rollout/plan.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { DEFAULT_ROUTER } from '../../src/domain/service/service.ts';
import { buildSplitRoute } from '../../src/domain/traffic/build-route.ts';
import { computeRolloutGeneration } from '../../src/domain/traffic/generation.ts';
import { verdict } from '../doubles/recording-activities.ts';
import { act, supersede } from './act.ts';
import type { Bench, RolloutHandle } from './bench.ts';
import { answering, permanent } from './faults.ts';
import { input, spec, standing } from './samples.ts';
import { benchForEach } from './suite.ts';

const CANARY: Step[] = [
  { weight: 10, bakeMs: 20 },
  { weight: 50, bakeMs: 20 },
  { weight: 100, bakeMs: 20 },
];

function start(bench: Bench, plan = CANARY): Promise<RolloutHandle> {
  return bench.start(input(spec(bench.service), { to: 3, live: 2, warm: [1], plan }));
}

/** The bake of the first step works as always; the next one is stopped at its beginning. */
async function heldInStep2(bench: Bench) {
  bench.activities.on('bake', (effect) => effect());
  const hold = bench.activities.hold('bake');
  const handle = await start(bench);
  await hold.reached;
  return { hold, handle };
}

/** `r3 10, r2 90, r1 0` for each write. */
function splits({ activities }: Bench): string[] {
  // The first is how it was before.
  return activities.router.writes
    .slice(1)
    .map(({ targets }) => targets.map(({ revision, weight }) => `r${revision} ${weight}`).join(', '));
}

function generations({ activities }: Bench): number[] {
  return activities.router.writes.slice(1).map(({ generation }) => generation);
}

/** `2 home pass` for each verdict under traffic that is on record. */
async function evidence({ activities }: Bench): Promise<string[]> {
  const events = await activities.store.audit.list();
  return events
    .filter(({ type, data }) => type === 'check.judged' && data.phase === 'bake')
    .map(({ data }) => `${data.step as number} ${data.check as string} ${data.verdict as string}`);
}

const states = ({ steps }: RolloutStatus): string[] => steps.map(({ state }) => state);

describe('a plan of several steps', () => {
  const bench = benchForEach();

  it('moves traffic step by step, with evidence of each', async () => {
    const handle = await start(bench());
    const { status, revisionSet } = await handle.result();
    assert.deepEqual([status.outcome, revisionSet.live?.revision.number], ['succeeded', 3]);
    const moved = ['r3 10, r2 90, r1 0', 'r3 50, r2 50, r1 0', 'r3 100, r2 0, r1 0'];
    assert.deepEqual(splits(bench()).slice(0, 3), moved);
    assert.deepEqual(generations(bench()).slice(0, 3), [50_001, 50_002, 50_003]);
    assert.deepEqual(await evidence(bench()), ['1 home pass', '2 home pass', '3 home pass']);
    assert.deepEqual(
      status.verdicts.map(({ phase, step }) => [phase, step]),
      [
        ['validate', undefined],
        ['bake', 1],
        ['bake', 2],
        ['bake', 3],
      ],
    );
    assert.deepEqual(
      status.steps.map(({ number, weight, state }) => [number, weight, state]),
      [
        [1, 10, 'done'],
        [2, 50, 'done'],
        [3, 100, 'done'],
      ],
    );
  });

  it('shows where it is, beside the seven phases', async () => {
    const { handle, hold } = await heldInStep2(bench());
    const status = await bench().until(handle, ({ wait }) => wait !== undefined);
    assert.deepEqual(states(status), ['done', 'running', 'pending']);
    assert.equal(status.phase, 'bake');
    assert.equal(status.phases.length, 7);
    const shifted = status.phases.find(({ phase }) => phase === 'shift');
    assert.deepEqual([shifted?.state, shifted?.note], ['done', '50 %, step 2 of 3']);
    const baking = status.phases.find(({ phase }) => phase === 'bake');
    assert.deepEqual([baking?.state, baking?.endedAt], ['running', undefined]);
    const { on, then } = status.wait ?? assert.fail('it waits for nothing');
    assert.equal(on, 'the end of the bake of step 2 of 3');
    assert.equal(then, 'step 3 of 3 follows if it stays healthy, else traffic goes back');
    hold.release();
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });

  it('is not in the next step while it holds before that', async () => {
    const { handle, hold } = await heldInStep2(bench());
    await act(bench(), handle, 'pause');
    hold.release();
    const held = await bench().until(handle, ({ wait }) => wait?.on === 'resume; paused before shift');
    assert.deepEqual(states(held), ['done', 'done', 'pending']);
    await act(bench(), handle, 'abort');
    const { status } = await handle.result();
    assert.deepEqual(states(status), ['done', 'done', 'skipped']);
  });

  it('tells what it comes to before traffic moves, and what it came to afterwards', async () => {
    const handle = await start(bench());
    const { status } = await handle.result();
    const { plan, exposure } = status;
    assert.deepEqual(plan, outlinePlan(CANARY, DEFAULT_ROUTER));
    const planned = status.phases.find(({ phase }) => phase === 'plan');
    assert.match(planned?.note ?? '', /^10 %, 50 %, 100 %; 60ms at the earliest, at most 22s of full traffic$/);
    assert.ok(exposure && exposure.totalMs > 0, JSON.stringify(exposure));
    assert.equal(exposure.pausedMs, 0);
    const end = (await bench().activities.store.audit.list()).find(({ type }) => type === 'rollout.finished');
    assert.deepEqual(end?.data, { outcome: 'succeeded', exposure: { ...exposure } });
  });

  it('has a bake need the requests that its step does, and says so', async () => {
    const { activities } = bench();
    const hold = activities.hold('bake');
    const requests = { least: 100, waitMs: 600_000 };
    const handle = await start(bench(), [
      { weight: 10, bakeMs: 60_000, requests },
      { weight: 100, bakeMs: 0 },
    ]);
    await hold.reached;
    const { wait } = await bench().until(handle, (status) => status.wait !== undefined);
    assert.ok(wait);
    assert.equal(wait.on, 'the end of the bake of step 1 of 2: for 1m, and for 100 requests to r3 in all');
    assert.equal(Date.parse(wait.until ?? '') - Date.parse(wait.since), 660_000);
    assert.equal(wait.endedBy, 'these requests, promote or abort');
    assert.match(wait.then, /^step 2 of 2 follows .*where the requests have not come, traffic goes back$/);
    const asked = activities.calls.find(({ name }) => name === 'bake')?.task as BakeTask;
    assert.deepEqual(asked.requests, { least: 100, until: wait.until });
    await act(bench(), handle, 'promote');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
  });

  it('puts all traffic back where a later step fails, and keeps what the earlier one found', async () => {
    const { activities } = bench();
    activities.on('bake', (effect) => effect());
    activities.on('bake', answering([verdict('home', 3, 'fail', 'answered 500')]));
    const handle = await start(bench());
    const { status, revisionSet } = await handle.result();
    assert.deepEqual([status.outcome, revisionSet.live?.revision.number], ['rolled-back', 2]);
    assert.deepEqual(states(status), ['done', 'failed', 'skipped']);
    assert.deepEqual(await evidence(bench()), ['1 home pass', '2 home fail']);
    const back = ['r3 10, r2 90, r1 0', 'r3 50, r2 50, r1 0', 'r2 100, r3 0, r1 0', 'r2 100, r1 0'];
    assert.deepEqual(splits(bench()), back);
    assert.deepEqual(generations(bench()), [50_001, 50_002, 50_003, 50_004]);
  });

  it('puts all traffic back when it is aborted in the middle of a step', async () => {
    const { handle } = await heldInStep2(bench());
    assert.match(await act(bench(), handle, 'abort'), /^gives traffic back/);
    const { status } = await handle.result();
    assert.equal(status.outcome, 'aborted');
    assert.ok(status.exposure);
    assert.deepEqual(states(status), ['done', 'failed', 'skipped']);
    assert.deepEqual(bench().activities.router.weights, { r2: 100, r1: 0 });
    assert.deepEqual(splits(bench()).slice(2), ['r2 100, r3 0, r1 0', 'r2 100, r1 0']);
  });

  it('goes on with the step that it was in when its workers are lost', async () => {
    const { hold, handle } = await heldInStep2(bench());
    hold.release();
    await bench().restart();
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    // Each step once; the last write takes out what is not kept.
    const moved = ['r3 10, r2 90, r1 0', 'r3 50, r2 50, r1 0', 'r3 100, r2 0, r1 0', 'r3 100, r2 0'];
    assert.deepEqual(splits(bench()), moved);
    assert.deepEqual(await evidence(bench()), ['1 home pass', '2 home pass', '3 home pass']);
    assert.equal(bench().activities.called('check'), 1);
  });

  it('goes on with the next step, no further, when a bake is promoted', async () => {
    const { activities } = bench();
    const first = activities.hold('bake');
    const handle = await start(bench());
    await first.reached;
    const second = activities.hold('bake');
    assert.match(await act(bench(), handle, 'promote'), /^ends the bake now/);
    await second.reached;
    assert.deepEqual(activities.router.weights, { r3: 50, r2: 50, r1: 0 });
    second.release();
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.deepEqual(await evidence(bench()), ['2 home pass', '3 home pass']);
  });

  it('goes on with all traffic, and its bake, when it is promoted in full', async () => {
    const { activities } = bench();
    const first = activities.hold('bake');
    const handle = await start(bench());
    await first.reached;
    const last = activities.hold('bake');
    const effect = await act(bench(), handle, 'promote', {
      actor: 'bob',
      reason: 'a fix that cannot wait',
      full: true,
    });
    assert.equal(effect, 'ends the bake now, and gives the new revision all traffic, whatever steps are left');
    await last.reached;
    assert.deepEqual(activities.router.weights, { r3: 100, r2: 0, r1: 0 });
    last.release();
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(
      status.steps.map(({ state, note }) => [state, note]),
      [
        ['done', 'ended early by promote'],
        ['skipped', 'promoted in full'],
        ['done', '1 check passed'],
      ],
    );
    assert.deepEqual(await evidence(bench()), ['3 home pass']);
    const asked = (await activities.store.audit.list()).find(({ type }) => type === 'rollout.asked');
    assert.deepEqual([asked?.actor, asked?.reason, asked?.data.full], ['bob', 'a fix that cannot wait', true]);
  });

  it('does not take the failure of a bake for the promotion of the one before', async () => {
    const { activities } = bench();
    const first = activities.hold('bake');
    activities.on('bake', permanent('NotRecorded'));
    const handle = await start(bench());
    await first.reached;
    await act(bench(), handle, 'promote');
    const { status } = await handle.result();
    assert.equal(status.outcome, 'rolled-back');
    assert.deepEqual(activities.router.weights, { r2: 100, r1: 0 });
  });

  it('holds between two steps while it is paused', async () => {
    const { activities } = bench();
    const first = activities.hold('bake');
    const handle = await start(bench());
    await first.reached;
    await act(bench(), handle, 'pause');
    first.release();
    const status = await bench().until(handle, ({ wait }) => wait?.on.startsWith('resume') ?? false);
    assert.equal(status.wait?.on, 'resume; paused before shift');
    assert.deepEqual(activities.router.weights, { r3: 10, r2: 90, r1: 0 });
    // Long enough to be more than a millisecond of full traffic.
    const pausedAt = Date.parse(status.wait.since);
    await bench().until(handle, () => Date.now() > pausedAt + 50);
    await act(bench(), handle, 'resume');
    const { status: ended } = await handle.result();
    assert.equal(ended.outcome, 'succeeded');
    const { totalMs, pausedMs } = ended.exposure ?? assert.fail('nothing is known of its exposure');
    assert.ok(pausedMs > 0 && pausedMs < totalMs, `${pausedMs} of ${totalMs}`);
  });

  it('gives back what a later step had shifted already, before that was in its history', async () => {
    const { activities, service } = bench();
    const described = spec(service);
    const hold = activities.hold('bake');
    const handle = await start(bench());
    await hold.reached;
    // What a worker did that was lost before it could report its task: the first bake passed, and half of the traffic moved.
    const split = {
      target: standing(described, 3),
      weight: 50,
      rest: standing(described, 2),
      idle: [standing(described, 1)],
    };
    const route = buildSplitRoute(service, computeRolloutGeneration(50, 2), split);
    const ref = { service, number: 50, actor: 'ada' };
    const journal = new Journal(activities.store.audit);
    await trafficActivities(activities.router, journal, activities.store.stops).shift({
      ref,
      router: DEFAULT_ROUTER,
      route,
      because: 'step 1 of 3 passed',
    });
    await supersede(bench(), handle);
    hold.release();
    assert.equal((await handle.result()).status.outcome, 'aborted');
    assert.deepEqual(activities.router.weights, { r2: 100, r1: 0 });
    assert.deepEqual(generations(bench()), [50_001, 50_002, 50_003, 50_004]);
  });

  it('may have steps that wait for nothing', async () => {
    const handle = await start(bench(), [
      { weight: 25, bakeMs: 0 },
      { weight: 100, bakeMs: 0 },
    ]);
    const { status } = await handle.result();
    assert.deepEqual([status.outcome, states(status)], ['succeeded', ['done', 'done']]);
    assert.equal(bench().activities.called('bake'), 0);
    assert.equal(status.phases.find(({ phase }) => phase === 'bake')?.note, 'no bake asked for');
  });

  it('is one step where nothing is live that could have the rest', async () => {
    const { activities, service } = bench();
    const handle = await bench().start(input(spec(service), { to: 1, plan: CANARY }));
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.deepEqual(
      activities.router.writes.map(({ targets }) => targets.map(({ weight }) => weight)),
      [[100]],
    );
    assert.deepEqual(
      status.steps.map(({ weight }) => weight),
      [100],
    );
    assert.deepEqual(await evidence(bench()), ['1 home pass']);
  });

  it('is one step back to a revision that is warm', async () => {
    const { activities, service } = bench();
    const back = input(spec(service), { kind: 'rollback', to: 1, live: 2, warm: [1], plan: CANARY });
    const handle = await bench().start(back);
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.deepEqual(splits(bench()), ['r1 100, r2 0']);
    assert.equal(activities.called('bake'), 0);
  });

  it('is put back as one that had traffic where a later write is refused', async () => {
    const { activities } = bench();
    activities.on('shift', permanent('RouteRefused'), { matches: (task) => weightOf(task, 3) === 50 });
    const { status } = await (await start(bench())).result();
    assert.equal(status.outcome, 'rolled-back');
    assert.deepEqual(activities.router.weights, { r2: 100, r1: 0 });
  });
});

function weightOf(task: unknown, revision: number): number | undefined {
  const { route } = task as { route: { targets: { revision: number; weight: number }[] } };
  return route.targets.find((each) => each.revision === revision)?.weight;
}
