import type { WorkflowHandle, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { TargetsPage } from '../../src/activities/drift/targets.ts';
import { driftIds } from '../../src/domain/drift/ids.ts';
import type { Bench } from '../../test/workflow/bench.ts';
import { answering, passing, permanent } from '../../test/workflow/faults.ts';
import { type SpecOptions, input, spec } from '../../test/workflow/samples.ts';

type Scenario = (bench: Bench) => Promise<WorkflowHandle>;

/** More pages than one run of a look has. */
const MANY_PAGES = 11;

/** As its schedule starts one, over so many pages of one stack each. */
async function look(bench: Bench, pages = 1): Promise<WorkflowHandleWithFirstExecutionRunId> {
  const { env, taskQueue, activities, service } = bench;
  const targets = [{ service, revision: 1 }];
  for (let page = 1; page <= pages; page += 1) {
    const found: TargetsPage = { targets, ...(page < pages ? { next: `page ${page}` } : {}) };
    activities.on('listDriftTargets', answering(found));
  }
  const workflowId = `${driftIds.look}-${service.environment}`;
  const handle = await env.client.workflow.start('drift', { workflowId, taskQueue, args: [] });
  await handle.result();
  return handle;
}

function lookAtMany(bench: Bench): Promise<WorkflowHandleWithFirstExecutionRunId> {
  bench.activities.on('lookForDrift', answering({ state: 'none' }), { times: MANY_PAGES });
  return look(bench, MANY_PAGES);
}

/** As a gateway has one service looked at. */
async function check(bench: Bench): Promise<WorkflowHandle> {
  const { env, taskQueue, service } = bench;
  await bench.prepare(input(spec(service), { to: 9, live: 1 }));
  const workflowId = driftIds.check(service, 'a-request');
  const handle = await env.client.workflow.start('drift', { workflowId, taskQueue, args: [{ service }] });
  await handle.result();
  return handle;
}

/** A rollout of a service that no drift may be shifted with. */
async function blocked(
  bench: Bench,
  what: Parameters<typeof input>[1],
  options: SpecOptions = {},
): Promise<WorkflowHandle> {
  const handle = await bench.start(input(spec(bench.service, { drift: 'block', ...options }), what));
  await handle.result();
  return handle;
}

/** One history each; the name is its file's. */
export const DRIFT_SCENARIOS: Record<string, Scenario> = {
  'drift-look': (bench) => {
    bench.activities.on('lookForDrift', answering({ state: 'drifted', obstacle: 'p1 is gone' }));
    return look(bench);
  },
  'drift-look-in-a-first-run': async (bench) => {
    const { workflowId, firstExecutionRunId } = await lookAtMany(bench);
    return bench.env.client.workflow.getHandle(workflowId, firstExecutionRunId);
  },
  'drift-look-in-a-later-run': (bench) => lookAtMany(bench),
  'drift-look-in-vain': (bench) => {
    bench.activities.on('lookForDrift', permanent('NotRecorded'));
    bench.activities.on('noteLookTrouble', answering(undefined));
    return look(bench);
  },
  'drift-look-at-nothing': (bench) => {
    for (const _attempt of [1, 2]) bench.activities.on('listDriftTargets', permanent('Unavailable'));
    return look(bench);
  },
  'drift-look-refused': async ({ env, taskQueue, service }) => {
    const workflowId = `look-${service.environment}`;
    const handle = await env.client.workflow.start('drift', { workflowId, taskQueue, args: [] });
    await handle.result();
    return handle;
  },
  'drift-check': (bench) => {
    bench.activities.on('lookForDrift', passing());
    return check(bench);
  },
  'deploy-looked-at': (bench) => blocked(bench, { to: 2, live: 1 }),
  'rollback-looked-at': (bench) => blocked(bench, { kind: 'rollback', to: 1, live: 2, warm: [1] }),
  'deploy-refused-for-drift': (bench) => {
    bench.activities.on('lookForDrift', answering({ state: 'drifted', obstacle: 'r1 is not as it was made' }));
    return blocked(bench, { to: 2, live: 1 });
  },
};
