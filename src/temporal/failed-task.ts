import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { WorkflowTaskFailedCause } = proto.temporal.api.enums.v1;

/** Temporal writes the first failure of a task into the history, and none of those that follow: it is among the latest events. */
const LATEST_EVENTS = 10;

/** Why a workflow's task failed. */
export interface TaskFailure {
  message: string;
  /** The code of the worker that tried makes other steps than the history has. */
  isUnreplayable: boolean;
}

/**
 * Why the last task of a workflow failed, by its history's latest events.
 *
 * @param runId one run of it; its latest unless told
 */
export async function findTaskFailure(
  { options: { namespace }, workflowService }: Client,
  workflowId: string,
  runId?: string,
): Promise<TaskFailure | undefined> {
  const { history } = await workflowService.getWorkflowExecutionHistoryReverse({
    namespace,
    execution: { workflowId, ...(runId === undefined ? {} : { runId }) },
    maximumPageSize: LATEST_EVENTS,
  });
  for (const { workflowTaskFailedEventAttributes: failed } of history?.events ?? []) {
    const message = failed?.failure?.message;
    if (!message) continue;
    const cause = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR;
    return { message, isUnreplayable: failed.cause === cause };
  }
  return undefined;
}
