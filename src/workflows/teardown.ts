import {
  CancellationScope,
  continueAsNew,
  getExternalWorkflowHandle,
  setCurrentDetails,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { backoffMs } from '../domain/backoff.ts';
import { type TeardownInput, workflowIds } from '../domain/requests.ts';
import { revisionName, stackName } from '../domain/revision.ts';
import { teardownReportSignal } from './messages.ts';
import { SEARCH_ATTRIBUTES } from './search-attributes.ts';
import { engine, failureText, failureType, watching } from './steps.ts';
import { DRAIN_MS } from './traffic.ts';

/** After this many attempts it is unlikely to go by itself: a person is asked, and it is tried on. */
const ATTEMPTS_BEFORE_HUMAN = 3;

/**
 * Takes one stack down, however often that has to be tried. Never gives up, not even when it is cancelled: a stack is
 * forgotten only when it is gone.
 */
export async function teardown(input: TeardownInput): Promise<void> {
  await CancellationScope.nonCancellable(() => untilGone(input));
}

async function untilGone(input: TeardownInput): Promise<void> {
  let { attempts, lastError } = input;
  if (attempts === 0) await leaveRoute(input);
  while (!workflowInfo().continueAsNewSuggested) {
    if (lastError !== undefined) {
      await report(input, { attempts, lastError });
      await sleep(backoffMs(attempts, input.retryMs, input.retryMs * 64), {
        summary: `before attempt ${attempts + 1}`,
      });
    }
    try {
      await destroyOnce(input, attempts + 1);
      await report(input, { attempts: attempts + 1 });
      return;
    } catch (error) {
      attempts += 1;
      lastError = failureText(error);
    }
  }
  await continueAsNew<typeof teardown>({ ...input, attempts, ...(lastError === undefined ? {} : { lastError }) });
}

async function leaveRoute({ ref, route, revision, because }: TeardownInput): Promise<void> {
  if (!route) return;
  const summary = `drain ${revisionName(revision.number)} and take it out of the route`;
  const task = { ref, route, because, revisions: [revision.number], deadlineMs: DRAIN_MS };
  try {
    await watching.release.executeWithOptions({ summary }, [task]);
  } catch (error) {
    // A newer route was written since, which does not list this revision either.
    if (failureType(error) !== 'RouteRefused') throw error;
  }
}

async function destroyOnce({ ref, revision, becomes, because }: TeardownInput, attempt: number): Promise<void> {
  const summary = `destroy ${stackName(ref.service, revision.number)}, attempt ${attempt}`;
  await engine({ attempts: 1 }).destroy.executeWithOptions({ summary }, [{ ref, revision, becomes, because }]);
}

/** Tells the service, and whoever looks at this run, how it stands. */
async function report(input: TeardownInput, { attempts, lastError }: { attempts: number; lastError?: string }) {
  const { ref, revision, since, retryMs } = input;
  const stack = stackName(ref.service, revision.number);
  const gone = lastError === undefined;
  const nextAttemptAt = new Date(Date.now() + backoffMs(attempts, retryMs, retryMs * 64)).toISOString();
  if (gone) {
    setCurrentDetails(`**${stack}** is gone.`);
    upsertSearchAttributes([
      { key: SEARCH_ATTRIBUTES.outcome, value: 'succeeded' },
      { key: SEARCH_ATTRIBUTES.needsHuman, value: false },
    ]);
  } else {
    const needsHuman = attempts >= ATTEMPTS_BEFORE_HUMAN;
    setCurrentDetails(
      `**${stack}** could not be destroyed, ${attempts} attempts since ${since}. Next attempt: ${nextAttemptAt}.\n\n` +
        `Last error: ${lastError}\n\nIt is tried on until it works.` +
        (needsHuman ? ' **Somebody should look at what keeps it from going.**' : ''),
    );
    if (needsHuman) upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.needsHuman, value: true }]);
  }
  try {
    await getExternalWorkflowHandle(workflowIds.service(ref.service)).signal(teardownReportSignal, {
      revision: revision.number,
      stack,
      gone,
      since,
      attempts,
      ...(gone ? {} : { nextAttemptAt, lastError }),
    });
  } catch {
    // The service is removed already; nobody waits for the news.
  }
}
