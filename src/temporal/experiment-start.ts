import type { WorkflowStartOptions } from '@temporalio/client';
import { type ExperimentKey, formatExperimentId } from '../domain/experiment/experiment.ts';
import type { ExperimentInput } from '../domain/experiment/run.ts';
import { WORKFLOW_TASK_TIMEOUT } from '../domain/task-queues.ts';
import { SEARCH_ATTRIBUTES } from '../workflows/shared/search-attributes.ts';

/** The type of the workflow that carries out a run. */
export const EXPERIMENT_WORKFLOW = 'experiment';

/** The ids of the schedules of experiments, and no others, begin with this. */
export const SCHEDULE_PREFIX = 'experiment/';

/** How the workflow of a run is started, whoever starts it: a gateway, a worker, a schedule. */
export function buildRunStart(experiment: ExperimentKey, workflowId: string, taskQueue: string) {
  const input: ExperimentInput = { v: 1, experiment };
  return {
    workflowId,
    taskQueue,
    args: [input] as [ExperimentInput],
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    staticSummary: `experiment ${formatExperimentId(experiment)}`,
    typedSearchAttributes: [
      { key: SEARCH_ATTRIBUTES.service, value: experiment.name },
      { key: SEARCH_ATTRIBUTES.environment, value: experiment.environment },
    ],
  } satisfies WorkflowStartOptions;
}
