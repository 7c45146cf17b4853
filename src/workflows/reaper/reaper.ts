import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, setCurrentDetails, startChild } from '@temporalio/workflow';
import { isLook, reaperIds } from '../../domain/reaper/ids.ts';
import type { ReapTarget } from '../../domain/reaper/facts.ts';
import type { RefusedStart } from '../../domain/service/requests.ts';
import { WORKFLOW_TASK_TIMEOUT } from '../../domain/task-queues.ts';
import { readStart, refuseStart } from '../shared/intake.ts';
import { failureText } from '../shared/activities.ts';
import { SEARCH_ATTRIBUTES } from '../shared/search-attributes.ts';
import { startTeardown } from '../teardown/take-down.ts';
import { lookAtStacks } from './activities.ts';
import { reap } from './reap.ts';

/**
 * One look of the reaper: finds stacks that nobody owns, and has those destroyed that are due. Each of them gets a workflow of
 * its own, so that one that does not go keeps nobody from looking. Returns what it has seen.
 */
export async function reaper(): Promise<string | RefusedStart> {
  const { workflowId, parentId } = readStart();
  if (!isLook(workflowId) || parentId !== undefined) return refuseStart('the reaper is started by its schedule');
  try {
    const { reap: due, teardowns, summary } = await lookAtStacks();
    // All in one task: one after another, the last of many waits for a round trip of each before it.
    await Promise.all(due.map(startReap));
    for (const input of teardowns) await startTeardown(input);
    return summary;
  } catch (error) {
    const trouble = `it could not look: ${failureText(error)}`;
    setCurrentDetails(trouble);
    return trouble;
  }
}

async function startReap(id: ReapTarget): Promise<void> {
  try {
    await startChild(reap, {
      workflowId: reaperIds.reap(id),
      args: [id],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      staticSummary: `destroy ${id.stack}, which nobody owns`.slice(0, 190),
      typedSearchAttributes: [
        { key: SEARCH_ATTRIBUTES.environment, value: id.project },
        { key: SEARCH_ATTRIBUTES.phase, value: 'reap' },
      ],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
