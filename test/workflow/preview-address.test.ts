import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Journal } from '../../src/activities/journal.ts';
import { trafficActivities } from '../../src/activities/traffic.ts';
import type { RolloutKind } from '../../src/domain/rollout/rollout.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import type { StrategySpec } from '../../src/domain/service/strategy.ts';
import { DEFAULT_ROUTER } from '../../src/domain/service/service.ts';
import { buildRoute } from '../../src/domain/traffic/build-route.ts';
import { computeRolloutGeneration } from '../../src/domain/traffic/generation.ts';
import { verdict } from '../doubles/recording-activities.ts';
import { approvalGate } from '../domain/gates/samples.ts';
import { act, supersede } from './act.ts';
import type { Bench, RolloutHandle } from './bench.ts';
import { answering, permanent } from './faults.ts';
import { GateServer } from './gate-server.ts';
import { HookServer } from './hook-server.ts';
import { input, spec, standing } from './samples.ts';
import { benchForEach } from './suite.ts';

const APPROVER = { actor: 'bob', standing: { roles: ['approver' as const] } };
const PREVIEW: StrategySpec = { kind: 'blue-green', preview: { port: 8081 }, bakeMs: 20 };
const FIRST = { to: 1, warm: [] };
const BACK = { to: 1, live: 2, warm: [1] };
const URL = 'http://127.0.0.1:8081';

function start(
  bench: Bench,
  {
    gate = {},
    strategy = PREVIEW,
    stands = { to: 3, live: 2, warm: [1] },
    kind = 'deploy',
  }: {
    gate?: Parameters<typeof approvalGate>[0] | 'none';
    strategy?: StrategySpec;
    stands?: Parameters<typeof input>[1];
    kind?: RolloutKind;
  } = {},
): Promise<RolloutHandle> {
  const gates = gate === 'none' ? {} : { gates: [approvalGate(gate)] };
  return bench.start(input(spec(bench.service, { strategy, ...gates }), { ...stands, kind }));
}

const held = (bench: Bench, handle: RolloutHandle): Promise<RolloutStatus> =>
  bench.until(handle, ({ wait, gates = [] }) => wait !== undefined && gates.some(({ state }) => state === 'waiting'));

/** `r2 100, r3 0, r1 0; 8081 to r3` for each write of the rollout. */
function writes({ activities }: Bench, from = 1): string[] {
  return activities.router.writes.slice(from).map(({ targets, preview }) => {
    const weights = targets.map(({ revision, weight }) => `r${revision} ${weight}`).join(', ');
    if (!preview) return weights;
    return `${weights}; ${preview.port ?? 'free'} to ${preview.revision === undefined ? 'nobody' : `r${preview.revision}`}`;
  });
}

const LOOKED = 'r2 100, r3 0, r1 0; 8081 to r3';
const SHIFTED = 'r3 100, r2 0, r1 0; 8081 to nobody';

describe('a rollout with a preview address', () => {
  const bench = benchForEach();

  it('opens it for what has passed its checks, says so at the gate, and ends it with the first traffic', async () => {
    const handle = await start(bench());
    const { wait, preview, phases } = await held(bench(), handle);
    assert.deepEqual(writes(bench()), [LOOKED]);
    assert.equal(preview, URL);
    assert.match(
      wait?.on ?? '',
      /^gate approval qa before shift.*; look at the new revision at its preview address http:\/\/127\.0\.0\.1:8081 meanwhile$/,
    );
    const validated = phases.find(({ phase }) => phase === 'validate');
    assert.equal(validated?.note, `1 check passed; r3 answers at its preview address ${URL}`);
    await act(bench(), handle, 'approve', APPROVER);
    const { status } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.equal(status.preview, undefined);
    assert.equal(status.plan?.hasPreview, true);
    assert.deepEqual(writes(bench()).slice(0, 2), [LOOKED, SHIFTED]);
    const written = (await bench().activities.store.audit.list()).filter(({ type }) => type === 'route.changed');
    assert.deepEqual(
      written.slice(0, 2).map(({ data }) => data.preview),
      ['r3', undefined],
    );
  });

  it('is told to the hooks and the webhooks of gates that stand before its traffic, and to none after that', async () => {
    await using gates = await GateServer.start({ state: 'open' });
    await using hooks = await HookServer.start();
    const points = [
      hooks.hook('checks', { moment: 'before', phase: 'validate' }),
      hooks.hook('tests', { moment: 'before', phase: 'shift' }),
      hooks.hook('bake', { moment: 'before', phase: 'bake' }),
    ];
    const described = spec(bench().service, { strategy: PREVIEW, gates: [gates.gate()], hooks: points });
    const { status } = await (await bench().start(input(described, { to: 3, live: 2, warm: [1] }))).result();
    assert.equal(status.outcome, 'succeeded', status.because);
    assert.equal(gates.asked[0]?.data.preview, URL);
    assert.deepEqual(
      hooks.calls.map(({ path, body }) => [path, body.data.preview]),
      [
        ['/checks', undefined],
        ['/tests', URL],
        ['/bake', undefined],
      ],
    );
  });

  it('opens it for nothing that failed its checks', async () => {
    bench().activities.on('check', answering(verdict('home', 3, 'fail', 'answered 500')));
    const { status } = await (await start(bench())).result();
    assert.equal(status.outcome, 'failed');
    assert.deepEqual(writes(bench()), []);
  });

  for (const [end, outcome] of [
    ['abort', 'aborted'],
    ['reject', 'aborted'],
    ['supersede', 'aborted'],
  ] as const) {
    it(`leads nowhere before the revision is drained and goes, after ${end}`, async () => {
      const handle = await start(bench());
      await held(bench(), handle);
      if (end === 'supersede') await supersede(bench(), handle);
      else await act(bench(), handle, end, { ...APPROVER, reason: 'not what we want' });
      const { status } = await handle.result();
      assert.equal(status.outcome, outcome);
      assert.equal(status.preview, undefined);
      assert.equal(status.exposure, undefined);
      assert.deepEqual(writes(bench()), [LOOKED, 'r2 100, r3 0, r1 0', 'r2 100, r1 0']);
      assert.deepEqual(bench().activities.router.breaches, []);
      assert.deepEqual(bench().activities.stacks.names, ['r1', 'r2']);
    });
  }

  it('has failed, and had no traffic, where nobody opens the gate', async () => {
    const { status } = await (await start(bench(), { gate: { expiresAfterMs: 300 } })).result();
    assert.deepEqual([status.outcome, status.exposure], ['failed', undefined]);
    assert.deepEqual(writes(bench()), [LOOKED, 'r2 100, r3 0, r1 0', 'r2 100, r1 0']);
  });

  it('gives traffic back in one write, in which nobody is looked at', async () => {
    bench().activities.on('bake', answering([verdict('home', 3, 'fail', 'answered 500')]));
    const { status } = await (await start(bench(), { gate: 'none' })).result();
    assert.equal(status.outcome, 'rolled-back');
    assert.deepEqual(writes(bench()), [LOOKED, SHIFTED, 'r2 100, r3 0, r1 0', 'r2 100, r1 0']);
  });

  it('takes the revision out where the router refuses it all traffic', async () => {
    const isAll = (task: unknown): boolean => JSON.stringify(task).includes('"weight":100') && !hasOld(task);
    bench().activities.on('shift', permanent('RouteRefused'), { matches: isAll });
    const { status } = await (await start(bench(), { gate: 'none' })).result();
    assert.deepEqual([status.outcome, status.exposure], ['failed', undefined]);
    assert.deepEqual(writes(bench()), [LOOKED, 'r2 100, r3 0, r1 0', 'r2 100, r1 0']);
  });

  it('puts all back where the router refuses to open it', async () => {
    const isLook = (task: unknown): boolean => JSON.stringify(task).includes('"revision":3},');
    bench().activities.on('shift', permanent('RouteRefused'), { matches: isLook });
    const { status } = await (await start(bench())).result();
    assert.equal(status.outcome, 'failed');
    assert.equal(status.phases.find(({ phase }) => phase === 'validate')?.state, 'failed');
    assert.deepEqual(bench().activities.router.weights, { r2: 100, r1: 0 });
    assert.deepEqual(bench().activities.stacks.names, ['r1', 'r2']);
  });

  it('had no traffic where its one write was made in a task that was lost', async () => {
    const { activities, service } = bench();
    const hold = activities.hold('check');
    const handle = await start(bench(), { stands: { to: 2, live: 1 } });
    await hold.reached;
    // What a worker did that was lost before it could report its task.
    activities.stacks.prove(2);
    const described = spec(service, { strategy: PREVIEW });
    const [old, looked] = [standing(described, 1), standing(described, 2)];
    const place = { preview: { port: 8081, revision: 2 } };
    const route = buildRoute(service, computeRolloutGeneration(50, 1), old, [looked], place);
    const journal = new Journal(activities.store.audit);
    const ref = { service, number: 50, actor: 'ada' };
    const task = { ref, router: DEFAULT_ROUTER, route, because: 'checks passed' };
    await trafficActivities(activities.router, journal, activities.store.stops).shift(task);
    await supersede(bench(), handle);
    hold.release();
    const { status } = await handle.result();
    assert.deepEqual([status.outcome, status.exposure], ['aborted', undefined]);
    assert.deepEqual(writes(bench()), ['r1 100, r2 0; 8081 to r2', 'r1 100, r2 0', 'r1 100']);
    assert.deepEqual(activities.router.breaches, []);
    assert.deepEqual(activities.stacks.names, ['r1']);
  });

  it('leads to a first revision while the service has none with traffic', async () => {
    const handle = await start(bench(), { stands: FIRST });
    await held(bench(), handle);
    const [first] = bench().activities.router.writes;
    assert.match(first?.closed ?? '', /has no revision with traffic yet$/);
    assert.deepEqual(writes(bench(), 0), ['r1 0; 8081 to r1']);
    await act(bench(), handle, 'approve', APPROVER);
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.deepEqual(writes(bench(), 0).slice(0, 2), ['r1 0; 8081 to r1', 'r1 100; 8081 to nobody']);
  });

  it('leaves nothing of a first revision that is not wanted', async () => {
    const handle = await start(bench(), { stands: FIRST });
    await held(bench(), handle);
    await act(bench(), handle, 'abort', APPROVER);
    assert.equal((await handle.result()).status.outcome, 'aborted');
    assert.equal(bench().activities.router.route, undefined);
    assert.deepEqual(bench().activities.router.breaches, []);
    assert.deepEqual(bench().activities.stacks.names, []);
  });

  it('stays open while the revision is inspected, whose wait tells it', async () => {
    const strategy: StrategySpec = { ...PREVIEW, kind: 'blue-green', inspection: { holdMs: 20, then: 'promote' } };
    const hold = bench().activities.hold('bake');
    const handle = await start(bench(), { gate: 'none', strategy });
    await hold.reached;
    const { wait } = await bench().until(handle, (status) => status.wait !== undefined);
    assert.match(wait?.on ?? '', /with r3, and at its preview address http:\/\/127\.0\.0\.1:8081 to everybody$/);
    assert.deepEqual(writes(bench()), [LOOKED, 'r3 0, r2 100, r1 0; 8081 to r3']);
    await act(bench(), handle, 'promote');
    assert.equal((await handle.result()).status.outcome, 'succeeded');
    assert.equal(writes(bench())[2], SHIFTED);
  });

  it('is kept for nobody by a rollback, which waits for no look', async () => {
    const { status } = await (await start(bench(), { gate: 'none', kind: 'rollback', stands: BACK })).result();
    assert.equal(status.outcome, 'succeeded');
    assert.equal(status.plan?.hasPreview, undefined);
    assert.equal(writes(bench())[0], 'r1 100, r2 0; 8081 to nobody');
  });
});

function hasOld(task: unknown): boolean {
  const { route } = task as { route: { targets: { revision: number; weight: number }[] } };
  return route.targets.some(({ revision, weight }) => revision === 2 && weight === 100);
}
