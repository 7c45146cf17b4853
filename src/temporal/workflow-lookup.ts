import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { WorkflowLookup } from '../activities/reaper/parts.ts';

/** States in which nothing of a workflow goes on. One that has continued as new is asked for by its newest run. */
const CLOSED: ReadonlySet<string> = new Set([
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'TIMED_OUT',
  'CONTINUED_AS_NEW',
]);

/** A server that does not answer must not hold a look up, in milliseconds. */
const ANSWER_MS = 5_000;

/** Asks Temporal itself, whose lists may be late. */
export function createWorkflowLookup({ workflow, connection }: Client): WorkflowLookup {
  return {
    async look(workflowId) {
      try {
        const { status } = await connection.withDeadline(Date.now() + ANSWER_MS, () =>
          workflow.getHandle(workflowId).describe(),
        );
        return CLOSED.has(status.name) ? 'gone' : 'running';
      } catch (error) {
        return error instanceof WorkflowNotFoundError ? 'gone' : 'unanswered';
      }
    },
  };
}
