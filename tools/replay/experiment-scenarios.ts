import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { type ExperimentSpec, MOST_VARIANTS } from '../../src/domain/experiment/experiment.ts';
import { experimentIds } from '../../src/domain/experiment/run.ts';
import type { Bench } from '../../test/workflow/bench.ts';
import { type Asked, ExperimentBench, checkProbe, loadProbe, release } from '../../test/workflow/experiment-bench.ts';
import { afterwards, answering, passing, permanent } from '../../test/workflow/faults.ts';

type Scenario = (bench: Bench) => Promise<WorkflowHandle>;

const PROBED = {
  probes: [checkProbe('answers'), loadProbe('load')],
  compare: { baseline: 'blue', confidence: 0.95, tolerance: 0.05 },
  addresses: { blue: 8_090 },
};

async function experiment(bench: Bench, over: Partial<ExperimentSpec> = {}): Promise<ExperimentBench> {
  const desk = new ExperimentBench(bench);
  await desk.apply(over);
  return desk;
}

async function over(run: Asked): Promise<WorkflowHandle> {
  await run.over();
  return run.handle;
}

async function runOnce(bench: Bench, spec: Partial<ExperimentSpec> = {}): Promise<WorkflowHandle> {
  return over(await (await experiment(bench, spec)).run());
}

/** Two runs, of which the first stays until it is stopped. */
async function overlapping(
  bench: Bench,
  overlap: ExperimentSpec['overlap'],
): Promise<Record<'first' | 'second', Asked>> {
  const desk = await experiment(bench, { stay: 'until-ttl', overlap });
  const first = await desk.run();
  await desk.until(first, ({ phase }) => phase === 'hold');
  const second = await desk.run();
  if (overlap !== 'skip') {
    if (overlap === 'buffer-one') {
      await desk.until(second, ({ wait }) => wait !== undefined);
      await desk.stop(first);
    }
    await desk.until(second, ({ phase }) => phase === 'hold');
    await desk.stop(second);
  } else await desk.stop(first);
  await Promise.all([first.over(), second.over()]);
  return { first, second };
}

/** One that has to go on in a new run before its stacks are gone. */
async function long(bench: Bench): Promise<Record<'first' | 'second', WorkflowHandle>> {
  const desk = await experiment(bench, PROBED);
  const run = await desk.run();
  await run.over();
  const { workflow } = bench.env.client;
  const { workflowId, firstExecutionRunId } = run.handle;
  const { runId } = await workflow.getHandle(workflowId).describe();
  return { first: workflow.getHandle(workflowId, firstExecutionRunId), second: workflow.getHandle(workflowId, runId) };
}

/** One history each; the name is its file's. */
export const EXPERIMENT_SCENARIOS: Record<string, Scenario> = {
  experiment: (bench) => runOnce(bench, PROBED),
  'experiment-of-many': (bench) => {
    const names = Array.from({ length: MOST_VARIANTS }, (_, index) => `v${index}`);
    return runOnce(bench, { variants: names.map((name) => release(name)), probes: [loadProbe('load')] });
  },
  'experiment-tried-again': (bench) => {
    for (const name of ['beginRun', 'takeLeases', 'recordEnding', 'endRun'] as const) {
      bench.activities.on(name, passing());
    }
    return runOnce(bench);
  },
  'experiment-failed-provision': (bench) => {
    bench.activities.hold('provisionVariant');
    bench.activities.on('provisionVariant', permanent('StackFailed'));
    return runOnce(bench, PROBED);
  },
  'experiment-not-healthy': (bench) => {
    bench.activities.on('validateVariant', answering({ variant: 'blue', passed: false, words: 'no' }));
    return runOnce(bench, PROBED);
  },
  'experiment-failed-probe': (bench) => {
    bench.activities.on('probeVariants', answering([{ variant: 'blue', passed: false, words: 'failed: no' }]));
    return runOnce(bench, PROBED);
  },
  'experiment-router-gone': (bench) => {
    bench.activities.on('closeAddresses', afterwards(permanent('RouteRefused')));
    return runOnce(bench, PROBED);
  },
  'experiment-stopped': async (bench) => {
    const desk = await experiment(bench, PROBED);
    const hold = bench.activities.hold('probeVariants');
    const run = await desk.run();
    await hold.reached;
    await desk.stop(run);
    return over(run);
  },
  'experiment-cancelled': async (bench) => {
    const desk = await experiment(bench, PROBED);
    const hold = bench.activities.hold('provisionVariant');
    const run = await desk.run();
    await hold.reached;
    await run.handle.cancel();
    return over(run);
  },
  'experiment-expired': async (bench) => {
    const desk = await experiment(bench, { ...PROBED, ttlMs: 4_000 });
    bench.activities.hold('probeVariants');
    return over(await desk.run());
  },
  'experiment-extended': async (bench) => {
    const desk = await experiment(bench, { ttlMs: 5_000, stay: 'until-ttl' });
    const run = await desk.run();
    const { deadlineAt } = await desk.until(run, ({ phase }) => phase === 'hold');
    await desk.extend(run, new Date(Date.parse(deadlineAt) + 1_000).toISOString());
    return over(run);
  },
  'experiment-skipped': async (bench) => (await overlapping(bench, 'skip')).second.handle,
  'experiment-waiting': async (bench) => (await overlapping(bench, 'buffer-one')).second.handle,
  'experiment-replacing': async (bench) => (await overlapping(bench, 'replace')).second.handle,
  'experiment-replaced': async (bench) => (await overlapping(bench, 'replace')).first.handle,
  'experiment-handing-over': async (bench) => (await overlapping(bench, 'hand-over')).second.handle,
  'experiment-handed-over': async (bench) => (await overlapping(bench, 'hand-over')).first.handle,
  'experiment-refused': async (bench) => {
    const { env, taskQueue } = bench;
    const { key } = new ExperimentBench(bench);
    const workflowId = experimentIds.requested(key, randomUUID());
    const handle = await env.client.workflow.start('experiment', {
      workflowId,
      taskQueue,
      args: [{ v: 1, experiment: key }],
    });
    await handle.result();
    return handle;
  },
};

/** These need a server that soon tells a workflow to go on in a new run. */
export const LONG_EXPERIMENT_SCENARIOS: Record<string, Scenario> = {
  'experiment-before-new-run': async (bench) => (await long(bench)).first,
  'experiment-after-new-run': async (bench) => (await long(bench)).second,
};
