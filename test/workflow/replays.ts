import { Worker, type WorkflowBundle } from '@temporalio/worker';
import type { WorkflowClient, WorkflowHandle } from '@temporalio/client';
import type { ServiceKey } from '../../src/domain/service/service.ts';
import { quieten, workflowBundle } from './server.ts';

const SOURCE_MAP = '//# sourceMappingURL=data:';
const EMPTY_MAP = { version: 3, file: 'workflows.js', sources: [], names: [], mappings: '' };

let replayed: WorkflowBundle | undefined;

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

interface RecordedHistory {
  workflowId: string;
  history: History;
}

/**
 * What a worker that takes over would not be able to go on with, of all workflows of a service: `ID: why`. A workflow is
 * seldom replayed where nothing fails, so that a test which only looks at results would not notice.
 */
export async function findDivergences(workflow: WorkflowClient, { name, environment }: ServiceKey): Promise<string[]> {
  const of = `/${name}/${environment}`;
  const query = ['service', 'rollout', 'teardown'].map((kind) => `WorkflowId STARTS_WITH "${kind}${of}"`).join(' OR ');
  return findDivergencesOf(workflow, query);
}

/** The same of all that a query of Temporal's visibility finds. */
export async function findDivergencesOf(workflow: WorkflowClient, query: string): Promise<string[]> {
  const histories: RecordedHistory[] = [];
  for await (const { workflowId, runId } of workflow.list({ query })) {
    histories.push({ workflowId, history: await workflow.getHandle(workflowId, runId).fetchHistory() });
  }
  return replay(histories);
}

/** Replays histories, and returns why those that cannot be are not: `ID: why`. */
export async function replay(histories: RecordedHistory[]): Promise<string[]> {
  quieten();
  replayed ??= withoutSourceMap(await workflowBundle());
  const options = { workflowBundle: replayed };
  const found: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
    if (error) found.push(`${workflowId}: ${error.message}`);
  }
  return found;
}

/** The SDK never frees what it makes of a source map: after some four hundred replays a process ended for lack of memory. */
function withoutSourceMap({ code, ...bundle }: WorkflowBundle): WorkflowBundle {
  const map = Buffer.from(JSON.stringify(EMPTY_MAP)).toString('base64');
  return {
    ...bundle,
    code: `${code.slice(0, code.lastIndexOf(SOURCE_MAP))}${SOURCE_MAP}application/json;base64,${map}`,
  };
}
