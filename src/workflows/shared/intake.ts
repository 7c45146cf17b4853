import { workflowInfo } from '@temporalio/workflow';
import type { Start } from '../../domain/service/messages.ts';
import type { RefusedStart } from '../../domain/service/requests.ts';
import { localFirst } from './activities.ts';

/** How many useless messages of one run are recorded: anyone who sends thousands must not fill the audit log. */
const MOST_IGNORED = 20;

/** Messages that were ignored, since they were nothing that could be used. */
export class IgnoredMessages {
  #count = 0;

  /** Records that one was, and why. */
  async add(message: string, because = `it is not what ${message} takes`): Promise<void> {
    this.#count += 1;
    if (this.#count > MOST_IGNORED) return;
    const { workflowId, runId } = workflowInfo();
    const task = {
      workflowId,
      runId,
      message: `${message}-${this.#count}`,
      because,
    };
    await localFirst('refuse', `${message}: ignored`, [task]);
  }
}

/** Ends a workflow that nobody who may has started: nothing is done, and that is recorded. */
export async function refuseStart(because: string): Promise<RefusedStart> {
  const { workflowId, runId, workflowType } = workflowInfo();
  await localFirst('refuse', `refused: ${because}`, [
    { workflowId, runId, message: `start-of-${workflowType}`, because },
  ]);
  return { refused: because };
}

/** How this run was begun, by what Temporal knows of it. */
export function readStart(): Start {
  const { workflowId, parent, continuedFromExecutionRunId } = workflowInfo();
  return {
    workflowId,
    ...(parent ? { parentId: parent.workflowId } : {}),
    isContinued: continuedFromExecutionRunId !== undefined,
  };
}
