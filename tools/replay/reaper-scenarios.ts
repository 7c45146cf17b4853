import type { WorkflowHandle } from '@temporalio/client';
import type { Survey } from '../../src/activities/reaper/survey.ts';
import type { StackName } from '../../src/domain/reaper/facts.ts';
import { reaperIds } from '../../src/domain/reaper/ids.ts';
import { type TeardownInput, workflowIds } from '../../src/domain/service/requests.ts';
import type { Bench } from '../../test/workflow/bench.ts';
import { answering, passing, permanent } from '../../test/workflow/faults.ts';
import { revision, spec } from '../../test/workflow/samples.ts';

type Scenario = (bench: Bench) => Promise<WorkflowHandle>;

function stackOf({ service }: Bench): StackName {
  return { project: service.environment, stack: `${service.name}-${service.environment}-r9` };
}

/** As its schedule starts one. */
async function look(bench: Bench, found: Partial<Survey> = {}): Promise<WorkflowHandle> {
  const { env, taskQueue, activities, service } = bench;
  const survey: Survey = { reap: [], teardowns: [], summary: '1 with an owner', ...found };
  activities.on('survey', answering(survey));
  const workflowId = `${reaperIds.look}-${service.environment}`;
  const handle = await env.client.workflow.start('reaper', { workflowId, taskQueue, args: [] });
  await handle.result();
  return handle;
}

/** Of a revision that failed, and has a stack. */
async function teardownOf({ service, activities }: Bench): Promise<TeardownInput> {
  const described = spec(service);
  const { catalogue } = activities.store;
  const made = revision(described, 9);
  await catalogue.saveService(described, 1);
  await catalogue.saveRevision({ ...made, state: 'failed', since: made.createdAt, endpoints: [] }, 1);
  return {
    ...{ v: 2, ref: { service, number: 1, actor: 'supplant' }, revision: 9, becomes: 'failed', because: 'a scenario' },
    ...{ attempts: 1, since: made.createdAt, retryMs: 10, again: true },
  };
}

async function teardownAgain(bench: Bench): Promise<WorkflowHandle> {
  await look(bench, { teardowns: [await teardownOf(bench)] });
  const handle = bench.env.client.workflow.getHandle(workflowIds.teardown(bench.service, 9));
  await handle.result();
  return handle;
}

/** One history each; the name is its file's. */
export const REAPER_SCENARIOS: Record<string, Scenario> = {
  look: (bench) => look(bench),
  'look-tried-again': (bench) => {
    bench.activities.on('survey', passing());
    return look(bench);
  },
  'look-in-vain': (bench) => {
    for (const _attempt of [1, 2]) bench.activities.on('survey', permanent('Unavailable'));
    return look(bench);
  },
  'look-that-finds': async (bench) => {
    const found = await look(bench, { reap: [stackOf(bench)], teardowns: [await teardownOf(bench)] });
    await bench.env.client.workflow.getHandle(workflowIds.teardown(bench.service, 9)).result();
    return found;
  },
  'look-refused': async ({ env, taskQueue, service }) => {
    const workflowId = `reaper-${service.environment}`;
    const handle = await env.client.workflow.start('reaper', { workflowId, taskQueue, args: [] });
    await handle.result();
    return handle;
  },
  reap: async (bench) => {
    const id = stackOf(bench);
    await look(bench, { reap: [id] });
    const handle = bench.env.client.workflow.getHandle(reaperIds.reap(id));
    await handle.result();
    return handle;
  },
  'teardown-again': (bench) => {
    bench.activities.on('destroy', permanent('StackFailed', 'it is still used'));
    return teardownAgain(bench);
  },
  'teardown-again-of-one-in-use': (bench) => {
    bench.activities.on('destroy', permanent('InUse', 'r9 is live'));
    return teardownAgain(bench);
  },
  'teardown-again-refused': (bench) => {
    bench.activities.on('confirmTeardown', answering(false));
    return teardownAgain(bench);
  },
};
