import type { Client, WorkflowStartOptions } from '@temporalio/client';
import { workflowIds } from '../domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../domain/service/service.ts';
import { WORKFLOW_TASK_TIMEOUT } from '../domain/task-queues.ts';
import { SEARCH_ATTRIBUTES } from '../workflows/shared/search-attributes.ts';
import type { service } from '../workflows/service/service.ts';
import { startOnce } from './start-once.ts';

/** How a service's workflow is started, no matter who finds that it does not run. */
export function buildServiceStart(key: ServiceKey, taskQueue: string) {
  return {
    workflowId: workflowIds.service(key),
    taskQueue,
    args: [{ key }],
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    staticSummary: `service ${formatServiceId(key)}`,
    typedSearchAttributes: [
      { key: SEARCH_ATTRIBUTES.service, value: key.name },
      { key: SEARCH_ATTRIBUTES.environment, value: key.environment },
    ],
  } satisfies WorkflowStartOptions<typeof service>;
}

/** Starts the workflow of a service that is on record. False where there is one. */
export function startService(client: Client, key: ServiceKey, taskQueue: string): Promise<boolean> {
  return startOnce(client, 'service', buildServiceStart(key, taskQueue));
}
