import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BakeTask } from '../../src/activities/bake.ts';
import { EngineError } from '../../src/stacks/driver.ts';
import { verdict } from '../doubles/recording-activities.ts';
import { afterwards, answering, passing, permanent } from './faults.ts';
import { input, spec } from './samples.ts';
import { benchForEach } from './suite.ts';

const isCheck =
  (name: string) =>
  (task: unknown): boolean =>
    (task as { check: string }).check === name;

describe('rollout that fails before it had traffic', () => {
  const bench = benchForEach();

  async function failing(options = {}) {
    const { activities, service } = bench();
    const handle = await bench().start(input(spec(service, options), { to: 3, live: 2, warm: [1] }));
    const { status, revisionSet } = await handle.result();
    assert.equal(status.outcome, 'failed');
    assert.deepEqual(
      [revisionSet.live?.revision.number, revisionSet.warm.map((each) => each.revision.number)],
      [2, [1]],
    );
    assert.deepEqual(activities.router.weights, { r1: 0, r2: 100 });
    assert.equal(activities.router.writes.length, 1, 'the route was not touched');
    assert.deepEqual(activities.stacks.names, ['r1', 'r2']);
    assert.equal((await activities.store.catalogue.revision(service, 3))?.state, 'failed');
    return status;
  }

  it('destroys what a failed provision may have left', async () => {
    const { activities } = bench();
    activities.on('provision', permanent('StackFailed', 'no such package'));
    const status = await failing();
    assert.equal(status.because, 'no such package');
    assert.deepEqual(activities.steps, ['open', 'provision', 'destroy', 'close']);
    assert.deepEqual(
      status.phases.map(({ phase, state }) => `${phase} ${state}`),
      [
        'plan done',
        'provision failed',
        'validate skipped',
        'shift skipped',
        'bake skipped',
        'settle skipped',
        'teardown done',
      ],
    );
  });

  it('gives up an engine that fails in the same words again and again, and says so', async () => {
    const { activities } = bench();
    activities.stacks.failures.set(3, new EngineError('the engine failed on web-r3: no such thing as process 4711'));
    const { because } = await failing();
    assert.match(
      because ?? '',
      /^the engine failed on web-r3: .*; 4 attempts in a row ended like this, so it is given up$/,
    );
    assert.equal(activities.called('provision'), 4);
  });

  for (const found of ['fail', 'inconclusive'] as const) {
    for (const name of ['home', 'login']) {
      it(`is stopped by check ${name} that says ${found}, and reports every verdict`, async () => {
        const { activities } = bench();
        activities.on('check', answering(verdict(name, 3, found, '500, wanted 200')), { matches: isCheck(name) });
        const status = await failing({ checks: ['home', 'login'] });
        assert.match(status.because ?? '', new RegExp(`check ${name} (failed|was inconclusive): 500, wanted 200`));
        assert.deepEqual(
          status.verdicts.map((each) => each.check),
          ['home', 'login'],
        );
      });
    }
  }

  it('reports every check that failed, not only the first', async () => {
    const { activities } = bench();
    for (const name of ['home', 'login']) {
      activities.on('check', answering(verdict(name, 3, 'fail')), { matches: isCheck(name) });
    }
    const status = await failing({ checks: ['home', 'login', 'third'] });
    assert.match(status.because ?? '', /home failed.*login failed/);
    assert.doesNotMatch(status.because ?? '', /third/);
  });

  it('stops when a check cannot be carried out at all', async () => {
    bench().activities.on('check', permanent('CheckFailed', 'no such command'));
    const status = await failing();
    assert.equal(status.because, 'no such command');
  });

  it('leaves traffic alone when a warm revision is not healthy any more', async () => {
    const { activities, service } = bench();
    activities.on('recheck', answering([verdict('home', 1, 'fail', 'connection refused')]));
    const handle = await bench().start(input(spec(service), { kind: 'rollback', to: 1, live: 2, warm: [1] }));
    const { status } = await handle.result();
    assert.equal(status.outcome, 'failed');
    assert.match(status.because ?? '', /failed: .*connection refused/);
    assert.deepEqual(activities.steps, ['open', 'recheck', 'close']);
    assert.deepEqual(activities.router.weights, { r1: 0, r2: 100 });
  });

  it('retires, rather than fails, a revision that was live before', async () => {
    const { activities, service } = bench();
    activities.on('check', answering(verdict('home', 1, 'fail')));
    const handle = await bench().start(input(spec(service), { kind: 'rollback', to: 1, live: 2 }));
    assert.equal((await handle.result()).status.outcome, 'failed');
    assert.equal((await activities.store.catalogue.revision(service, 1))?.state, 'retired');
  });
});

describe('rollout that fails under traffic', () => {
  const bench = benchForEach();

  it('gives traffic back first, then drains, then destroys', async () => {
    const { activities, service } = bench();
    activities.on('bake', answering([verdict('home', 3, 'fail', 'answered 500')]));
    const handle = await bench().start(input(spec(service, { bakeMs: 60_000 }), { to: 3, live: 2, warm: [1] }));
    const { status, revisionSet } = await handle.result();
    assert.equal(status.outcome, 'rolled-back');
    assert.equal(revisionSet.live?.revision.number, 2);
    assert.deepEqual(activities.steps.slice(4), ['bake', 'shift', 'drain', 'shift', 'destroy', 'close']);
    const [, , back, released] = activities.router.writes;
    assert.deepEqual(
      back?.targets.map(({ revision, weight }) => [revision, weight]),
      [
        [2, 100],
        [3, 0],
        [1, 0],
      ],
    );
    assert.deepEqual(
      released?.targets.map(({ revision }) => revision),
      [2, 1],
    );
  });

  it('has a bake watch what its strategy names, and gives traffic back where a number is beyond its limit', async () => {
    const { activities, service } = bench();
    const found = verdict('metric slow', 2, 'fail', 'p99 is 3');
    activities.on('bake', answering([verdict('home', 2, 'pass'), found]));
    const latency = { kind: 'cloudwatch', name: 'slow', namespace: 'web', metric: 'Latency' } as const;
    const metrics = [{ ...latency, statistic: 'p99' as const, atMost: 1, leastSamples: 1 }];
    const described = spec(service, { bakeMs: 60_000 });
    const strategy = { ...described.strategy, metrics };
    const handle = await bench().start(input({ ...described, strategy }, { to: 2, live: 1 }));
    const { status } = await handle.result();
    assert.deepEqual([status.outcome, status.because], ['rolled-back', 'check metric slow failed: p99 is 3']);
    const asked = activities.calls.find(({ name }) => name === 'bake')?.task as BakeTask;
    assert.deepEqual(asked.metrics, metrics);
    assert.equal(Date.parse(asked.until) - Date.parse(asked.since ?? ''), 60_000);
  });

  it('closes the route, drains and takes it away when there is nothing to go back to', async () => {
    const { activities, service } = bench();
    activities.on('bake', answering([verdict('home', 1, 'fail')]));
    const handle = await bench().start(input(spec(service, { bakeMs: 60_000 }), { to: 1 }));
    const { status, revisionSet } = await handle.result();
    assert.equal(status.outcome, 'rolled-back');
    assert.deepEqual(revisionSet, { warm: [] });
    assert.deepEqual(activities.steps.slice(4), ['bake', 'shift', 'drain', 'removeRoute', 'destroy', 'close']);
    assert.equal(activities.router.route, undefined);
  });

  it('gives traffic back when the shift was written and reported as failed', async () => {
    const { activities, service } = bench();
    activities.on('shift', afterwards(permanent('RecordRefused', 'the record says otherwise')));
    const handle = await bench().start(input(spec(service), { to: 3, live: 2 }));
    const { status } = await handle.result();
    assert.equal(status.outcome, 'rolled-back');
    assert.equal(status.because, 'the record says otherwise');
    assert.deepEqual(activities.router.weights, { r2: 100 });
    assert.deepEqual(activities.stacks.names, ['r2']);
  });

  it('gives traffic back from a revision that is made live again by a deployment of something warm', async () => {
    const { activities, service } = bench();
    activities.on('shift', afterwards(permanent('RecordRefused')));
    const handle = await bench().start(input(spec(service), { to: 1, live: 2, warm: [1] }));
    assert.equal((await handle.result()).status.outcome, 'rolled-back');
    assert.deepEqual(activities.router.weights, { r2: 100, r1: 0 });
    assert.deepEqual(activities.stacks.names, ['r1', 'r2']);
  });

  it('writes the same route again, not another, when it is not known whether the shift worked', async () => {
    const { activities, service } = bench();
    activities.on('shift', afterwards(passing()), { times: 2 });
    const handle = await bench().start(input(spec(service), { to: 3, live: 2 }));
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.deepEqual(activities.router.weights, { r3: 100, r2: 0 });
    assert.equal(activities.router.writes.length, 2);
  });

  it('bows to a newer generation, and takes its own stack away', async () => {
    const { activities, service } = bench();
    const task = input(spec(service), { to: 3, live: 2 });
    const hold = activities.hold('check');
    const handle = await bench().start(task);
    await hold.reached;
    await activities.router.apply({ ...activities.router.route!, generation: 999_999 });
    hold.release();
    const { status } = await handle.result();
    assert.equal(status.outcome, 'failed');
    assert.match(status.because ?? '', /generation/);
    assert.equal(activities.router.generation, 999_999);
    assert.deepEqual(activities.stacks.names, ['r2']);
  });
});
