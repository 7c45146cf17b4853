import type { WorkflowStartOptions } from '@temporalio/client';
import { workflowIds } from '../domain/requests.ts';
import { type ServiceKey, serviceId } from '../domain/service.ts';
import { WORKFLOW_TASK_TIMEOUT } from '../domain/task-queues.ts';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.ts';
import type { service } from '../workflows/service.ts';

/** How a service's workflow is started, whoever finds that it does not run. */
export function serviceStart(key: ServiceKey, taskQueue: string) {
  return {
    workflowId: workflowIds.service(key),
    taskQueue,
    args: [{ key }],
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    staticSummary: `service ${serviceId(key)}`,
    typedSearchAttributes: [
      { key: SEARCH_ATTRIBUTES.service, value: key.name },
      { key: SEARCH_ATTRIBUTES.environment, value: key.environment },
    ],
  } satisfies WorkflowStartOptions<typeof service>;
}
