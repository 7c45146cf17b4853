import type { WorkflowHandle } from '@temporalio/client';
import { workflowIds } from '../../src/domain/service/requests.ts';
import type { RolloutVerb } from '../../src/domain/rollout/verbs.ts';
import { verdict } from '../../test/doubles/recording-activities.ts';
import { act, supersede } from '../../test/workflow/act.ts';
import type { Bench, RolloutHandle } from '../../test/workflow/bench.ts';
import { answering, passing, permanent } from '../../test/workflow/faults.ts';
import { type SpecOptions, input, spec } from '../../test/workflow/samples.ts';
import { ServiceBench } from '../../test/workflow/service-bench.ts';
import { AUDIENCE_SCENARIOS } from './audience-scenarios.ts';
import { DRIFT_SCENARIOS } from './drift-scenarios.ts';
import { GATE_SCENARIOS } from './gate-scenarios.ts';
import { EXPERIMENT_SCENARIOS, LONG_EXPERIMENT_SCENARIOS } from './experiment-scenarios.ts';
import { AFTERMATH_SCENARIOS } from './aftermath-scenarios.ts';
import { HOOK_SCENARIOS } from './hook-scenarios.ts';
import { HOST_SCENARIOS } from './host-scenarios.ts';
import { REAPER_SCENARIOS } from './reaper-scenarios.ts';
import { LONG_SERVICE_SCENARIOS, SERVICE_SCENARIOS } from './service-scenarios.ts';
import { STEP_SCENARIOS } from './step-scenarios.ts';

/** Runs to where its history is worth keeping, and names the workflow whose it is. */
export type Scenario = (bench: Bench) => Promise<WorkflowHandle>;

const LONG_MS = 3_600_000;
async function rollout(bench: Bench, what: Parameters<typeof input>[1], options: SpecOptions = {}) {
  return over(await bench.start(input(spec(bench.service, options), what)));
}

async function over(handle: RolloutHandle): Promise<RolloutHandle> {
  await handle.result();
  return handle;
}

async function asked(bench: Bench, verb: RolloutVerb, step: 'check' | 'bake'): Promise<RolloutHandle> {
  const hold = bench.activities.hold(step);
  const handle = await bench.start(input(spec(bench.service, { bakeMs: LONG_MS }), { to: 2, live: 1 }));
  await hold.reached;
  await act(bench, handle, verb);
  return handle;
}

/** A rollout that its service puts back for another one's sake, while it is held in a step. */
async function superseded(
  bench: Bench,
  step: 'provision' | 'bake',
  meanwhile: (handle: RolloutHandle) => Promise<unknown> = () => Promise.resolve(),
): Promise<RolloutHandle> {
  const hold = bench.activities.hold(step);
  const handle = await bench.start(input(spec(bench.service, { bakeMs: LONG_MS }), { to: 2, live: 1 }));
  await hold.reached;
  await meanwhile(handle);
  await supersede(bench, handle);
  hold.release();
  return over(handle);
}

/** One that somebody started who may not. */
async function refused(bench: Bench, type: string, workflowId: string, task: object): Promise<WorkflowHandle> {
  const { env, taskQueue } = bench;
  const handle = await env.client.workflow.start(type, { workflowId, taskQueue, args: [task] });
  await handle.result();
  return handle;
}

/** One that cannot be carried out until it has gone on in a new run. */
async function longTeardown(bench: Bench): Promise<Record<'first' | 'second', WorkflowHandle>> {
  let mended = false;
  const fail = permanent('StackFailed');
  bench.activities.on('destroy', (effect) => (mended ? effect() : fail(effect)), { times: 1_000 });
  const started = await bench.tearDown(9);
  const { workflow } = bench.env.client;
  const latest = workflow.getHandle(started.workflowId);
  const runId = async (): Promise<string> => (await latest.describe()).runId;
  await bench.visible(async () => (await runId()) !== started.firstExecutionRunId);
  const second = workflow.getHandle(started.workflowId, await runId());
  mended = true;
  await latest.result();
  return { first: workflow.getHandle(started.workflowId, started.firstExecutionRunId), second };
}

/** One history each; the name is its file's. */
export const SCENARIOS: Record<string, Scenario> = {
  ...AUDIENCE_SCENARIOS,
  ...EXPERIMENT_SCENARIOS,
  ...REAPER_SCENARIOS,
  ...STEP_SCENARIOS,
  ...DRIFT_SCENARIOS,
  ...HOOK_SCENARIOS,
  ...GATE_SCENARIOS,
  ...HOST_SCENARIOS,
  ...AFTERMATH_SCENARIOS,
  ...SERVICE_SCENARIOS,
  'first-deployment': (bench) => rollout(bench, { to: 1 }),
  success: (bench) => rollout(bench, { to: 2, live: 1 }, { bakeMs: 20 }),
  'success-retiring': (bench) => rollout(bench, { to: 3, live: 2, warm: [1] }, { warm: 1 }),
  'failed-check': (bench) => {
    bench.activities.on('check', answering(verdict('home', 2, 'fail', '500, wanted 200')));
    return rollout(bench, { to: 2, live: 1 }, { checks: ['home', 'login'] });
  },
  'failed-provision': (bench) => {
    bench.activities.on('provision', permanent('StackFailed'));
    return rollout(bench, { to: 2, live: 1 });
  },
  'removal-paused': async (bench) => {
    bench.activities.on('open', passing());
    const hold = bench.activities.hold('open');
    const handle = await bench.start(input(spec(bench.service), { kind: 'remove', live: 1 }));
    await hold.reached;
    await act(bench, handle, 'pause');
    hold.release();
    await bench.until(handle, ({ wait }) => wait !== undefined);
    await act(bench, handle, 'resume');
    return over(handle);
  },
  'rolled-back-in-bake': (bench) => {
    bench.activities.on('bake', answering([verdict('home', 2, 'fail')]));
    return rollout(bench, { to: 2, live: 1 }, { bakeMs: LONG_MS });
  },
  'first-deployment-rolled-back': (bench) => {
    bench.activities.on('bake', answering([verdict('home', 1, 'fail')]));
    return rollout(bench, { to: 1 }, { bakeMs: LONG_MS });
  },
  'tried-again': (bench) => {
    bench.activities.on('shift', passing());
    return rollout(bench, { to: 2, live: 1 });
  },
  'aborted-in-validate': async (bench) => over(await asked(bench, 'abort', 'check')),
  'aborted-in-bake': async (bench) => over(await asked(bench, 'abort', 'bake')),
  promoted: async (bench) => over(await asked(bench, 'promote', 'bake')),
  'paused-and-resumed': async (bench) => {
    const hold = bench.activities.hold('check');
    const handle = await bench.start(input(spec(bench.service), { to: 2, live: 1 }));
    await hold.reached;
    await act(bench, handle, 'pause');
    hold.release();
    await bench.until(handle, ({ wait }) => wait !== undefined);
    await act(bench, handle, 'resume');
    return over(handle);
  },
  superseded: (bench) => superseded(bench, 'provision'),
  'superseded-in-bake': (bench) => superseded(bench, 'bake'),
  'superseded-while-paused': (bench) => superseded(bench, 'provision', (handle) => act(bench, handle, 'pause')),
  'aborted-while-paused': async (bench) => {
    const hold = bench.activities.hold('check');
    const handle = await bench.start(input(spec(bench.service), { to: 2, live: 1 }));
    await hold.reached;
    await act(bench, handle, 'pause');
    hold.release();
    await bench.until(handle, ({ wait }) => wait !== undefined);
    await act(bench, handle, 'abort');
    return over(handle);
  },
  'cancelled-in-bake': async (bench) => {
    const hold = bench.activities.hold('bake');
    const handle = await bench.start(input(spec(bench.service, { bakeMs: LONG_MS }), { to: 2, live: 1 }));
    await hold.reached;
    await handle.cancel();
    return over(handle);
  },
  'outliving-its-service': async (bench) => {
    const desk = await ServiceBench.live(bench, 1);
    const hold = bench.activities.hold('bake');
    const { rollout: number } = await desk.apply('v2', { bakeMs: 20 });
    await hold.reached;
    await desk.handle.terminate();
    // Begun afresh for this, it asks the rollout whether it is still there.
    const next = await desk.apply('v3');
    hold.release();
    await desk.over(next);
    return desk.rollout(number);
  },
  'rollback-warm': (bench) => rollout(bench, { kind: 'rollback', to: 1, live: 2, warm: [1] }),
  'rollback-retired': (bench) => rollout(bench, { kind: 'rollback', to: 1, live: 2 }),
  'rollback-to-nothing': (bench) => rollout(bench, { kind: 'rollback', live: 1 }),
  remove: (bench) => rollout(bench, { kind: 'remove', live: 2, warm: [1] }),
  quarantine: (bench) => {
    bench.activities.on('destroy', permanent('StackFailed'));
    return rollout(bench, { to: 2, live: 1 }, { warm: 0 });
  },
  teardown: async (bench) => {
    bench.activities.on('destroy', permanent('StackFailed'), { times: 3 });
    const handle = await bench.tearDown(9);
    await handle.result();
    return handle;
  },
  'teardown-by-time': async (bench) => {
    const desk = await ServiceBench.live(bench, 2, { warmForMs: 1 });
    await bench.visible(async () => bench.activities.stacks.names.length === 1);
    const handle = bench.env.client.workflow.getHandle(workflowIds.teardown(bench.service, 1));
    await handle.result();
    await desk.until(({ revisions }) => revisions.length === 1);
    return handle;
  },
  'superseded-too-late': async (bench) => {
    const hold = bench.activities.hold('close');
    const handle = await bench.start(input(spec(bench.service), { kind: 'rollback', to: 1, live: 2, warm: [1] }));
    await hold.reached;
    await supersede(bench, handle);
    hold.release();
    return over(handle);
  },
  'pinned-while-settling': async (bench) => {
    const { catalogue } = bench.activities.store;
    await catalogue.saveService(spec(bench.service), 1);
    await catalogue.saveMarks(bench.service, { pinned: [1], bad: [] });
    return rollout(bench, { to: 3, live: 2, warm: [1] }, { warm: 1 });
  },
  'rollout-refused': async (bench) => {
    const { described: _described, ...task } = input(spec(bench.service), { to: 2, live: 1 });
    return refused(bench, 'rollout', workflowIds.rollout(bench.service, 50), task);
  },
  'rollout-not-asked-for': async (bench) => {
    const sample = input(spec(bench.service), { to: 2, live: 1 });
    await bench.prepare(sample);
    const { described: _described, ...task } = { ...sample, actor: 'nobody' };
    const handle = await bench.startAsService('rollout', workflowIds.rollout(bench.service, 50), task);
    await handle.result();
    return handle;
  },
  'teardown-refused': (bench) => refused(bench, 'teardown', workflowIds.teardown(bench.service, 1), {}),
  'closed-without-a-successor': (bench) => {
    bench.activities.on('bake', answering([verdict('home', 1, 'fail')]));
    return rollout(bench, { to: 1, warm: [2] }, { bakeMs: LONG_MS });
  },
  'port-refused': (bench) => {
    bench.activities.on('shift', permanent('RouteRefused'));
    return rollout(bench, { to: 1 }, { port: 8080, strictPort: true });
  },
  'service-refused': (bench) => refused(bench, 'service', workflowIds.service(bench.service), { v: 2 }),
  'rollout-ignoring': (bench) => superseded(bench, 'provision', (handle) => handle.signal('supersede', {} as never)),
};

/** These need a server that soon tells a workflow to go on in a new run. */
export const LONG_SCENARIOS: Record<string, Scenario> = {
  ...LONG_EXPERIMENT_SCENARIOS,
  ...LONG_SERVICE_SCENARIOS,
  'teardown-before-new-run': async (bench) => (await longTeardown(bench)).first,
  'teardown-after-new-run': async (bench) => (await longTeardown(bench)).second,
};
