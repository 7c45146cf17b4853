import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { type RolloutRef, type TeardownInput, workflowIds } from '../../domain/service/requests.ts';
import { formatRevisionName, formatStackName } from '../../domain/service/revision.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import { WORKFLOW_TASK_TIMEOUT } from '../../domain/task-queues.ts';
import { SEARCH_ATTRIBUTES } from '../shared/search-attributes.ts';
import { engine, failureText, repeatIfLost } from '../shared/activities.ts';
import { type Where, followHost, readAbsence } from '../shared/follow-host.ts';
import { PASSING_BY, inPool, readUnserved } from '../shared/in-pool.ts';
import { teardown } from './teardown.ts';

/** A rollout tries this often before it leaves the stack to a teardown of its own. */
const ATTEMPTS = 3;
/** Between the first attempts of a teardown, in milliseconds. */
const RETRY_MS = 30_000;

export interface TakeDown {
  ref: RolloutRef;
  revision: number;
  becomes: 'retired' | 'failed';
  because: string;
  /** Of the revision; absent of the default one. */
  pool?: string;
}

/**
 * Destroys a revision's stack. A stack that does not go is quarantined: a teardown of its own goes on with it, and
 * nobody waits. So it is with one whose host is away, or whose pool nobody serves. Returns the stack's name in that case.
 */
export async function takeDown({ pool: made, ...task }: TakeDown): Promise<string | undefined> {
  const pool = made === undefined ? {} : { pool: made };
  const stack = formatStackName(task.ref.service, task.revision);
  try {
    const summary = `destroy ${stack}`;
    const destroy = (where: Where) =>
      engine({ attempts: ATTEMPTS, ...pool }).destroy.executeWithOptions({ summary, ...where }, [task]);
    await followHost(inPool(made, (where) => repeatIfLost(() => destroy(where)), PASSING_BY));
    return undefined;
  } catch (error) {
    const absence = readAbsence(error) ?? readUnserved(error);
    await startTeardown({
      ...task,
      ...pool,
      // Nothing has failed yet of one whose host is away, or whose pool nobody serves: it begins at once to wait for that.
      ...(absence ? { attempts: 1 } : { attempts: ATTEMPTS, lastError: failureText(error) }),
      since: new Date().toISOString(),
    });
    return stack;
  }
}

/**
 * Starts a teardown that outlives its starter. One per stack: a second one would do what the first does. The reaper has pauses of its
 * own between attempts.
 */
export async function startTeardown(
  task: Omit<TeardownInput, 'v' | 'retryMs'> & Partial<Pick<TeardownInput, 'retryMs'>>,
): Promise<void> {
  const input: TeardownInput = { v: 2, retryMs: RETRY_MS, ...task };
  try {
    await startChild(teardown, { args: [input], ...teardownOptions(input) });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function teardownOptions({ ref, revision, because }: TeardownInput) {
  const { service, actor } = ref;
  const name = formatRevisionName(revision);
  return {
    workflowId: workflowIds.teardown(service, revision),
    parentClosePolicy: ParentClosePolicy.ABANDON,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    staticSummary: `tear down ${name} of ${formatServiceId(service)}: ${because}`.slice(0, 190),
    typedSearchAttributes: [
      { key: SEARCH_ATTRIBUTES.service, value: service.name },
      { key: SEARCH_ATTRIBUTES.environment, value: service.environment },
      { key: SEARCH_ATTRIBUTES.revision, value: name },
      { key: SEARCH_ATTRIBUTES.phase, value: 'teardown' },
      { key: SEARCH_ATTRIBUTES.actor, value: actor },
    ],
  };
}
