import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { WorkflowTaskFailedCause } = proto.temporal.api.enums.v1;

/**
 * So many of the latest events are read: Temporal writes the first failure of a task into the history, and none of those that follow,
 * but signals may have come since.
 */
const LATEST_EVENTS = 100;

/** Why a workflow's task failed. */
export interface TaskFailure {
  message: string;
  /** The code of the worker that tried makes other steps than the history has. */
  isUnreplayable: boolean;
}

/**
 * Why a workflow's task fails that does not come to its end. Undefined where none has failed, or nobody has answered in time.
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
  for (const event of history?.events ?? []) {
    const { workflowTaskFailedEventAttributes: failed } = event;
    const isAnotherEnd = event.workflowTaskCompletedEventAttributes ?? event.workflowTaskTimedOutEventAttributes;
    if (isAnotherEnd) return undefined;
    const message = failed?.failure?.message;
    if (!message) continue;
    const cause = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR;
    return { message, isUnreplayable: failed.cause === cause };
  }
  return undefined;
}
