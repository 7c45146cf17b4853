import { Worker } from '@temporalio/worker';
import type { WorkflowHandle } from '@temporalio/client';
import type { Bench } from './bench.ts';
import { workflowBundle } from './server.ts';

/**
 * What a worker that takes over would not be able to go on with, of all that ran in a test's environment: `ID: why`. A
 * workflow is seldom replayed where nothing fails, so that a test which only looks at results would not notice.
 */
export async function findDivergences({ env, service }: Bench): Promise<string[]> {
  const { workflow } = env.client;
  const of = `/${service.name}/${service.environment}`;
  const query = ['service', 'rollout', 'teardown'].map((kind) => `WorkflowId STARTS_WITH "${kind}${of}"`).join(' OR ');
  const found: string[] = [];
  const runs: { workflowId: string; history: Awaited<ReturnType<WorkflowHandle['fetchHistory']>> }[] = [];
  for await (const { workflowId, runId } of workflow.list({ query })) {
    runs.push({ workflowId, history: await workflow.getHandle(workflowId, runId).fetchHistory() });
  }
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle: await workflowBundle() },
    runs,
  )) {
    if (error) found.push(`${workflowId}: ${error.message}`);
  }
  return found;
}
