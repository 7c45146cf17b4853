import {
  CancellationScope,
  continueAsNew,
  getExternalWorkflowHandle,
  setCurrentDetails,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { computeBackoffMs } from '../../domain/backoff.ts';
import type { HostStanding } from '../../domain/hosts/host.ts';
import { describeHostWait } from '../../domain/hosts/words.ts';
import { readPool } from '../../domain/pools/pool.ts';
import type { PoolStanding } from '../../domain/pools/served.ts';
import { describePoolWait } from '../../domain/pools/words.ts';
import { isTeardownStart, readTeardownInput } from '../../domain/service/messages.ts';
import { type RefusedStart, type TeardownInput, workflowIds } from '../../domain/service/requests.ts';
import { formatRevisionName, formatStackName } from '../../domain/service/revision.ts';
import { makesOwnLooks, readSettleMs } from '../../domain/service/router.ts';
import { DEFAULT_ROUTER } from '../../domain/service/service.ts';
import { readStart, refuseStart } from '../shared/intake.ts';
import { teardownReportSignal } from '../shared/messages.ts';
import { SEARCH_ATTRIBUTES } from '../shared/search-attributes.ts';
import { confirmTeardown } from '../reaper/activities.ts';
import { draining, engine, failureText, failureType, localFirst, repeatIfLost } from '../shared/activities.ts';
import { type Where, awaitHost, readAbsence } from '../shared/follow-host.ts';
import { inPool, readUnserved } from '../shared/in-pool.ts';
import { buildDrainTask } from '../rollout/traffic.ts';

/** After this many attempts it is unlikely to go by itself: a person is asked, and it is tried on. */
const ATTEMPTS_BEFORE_HUMAN = 3;

/**
 * Takes one stack down, however often that has to be tried. Never gives up, not even when it is cancelled: a stack is
 * forgotten only when it is gone.
 */
export async function teardown(given: TeardownInput): Promise<RefusedStart | undefined> {
  return CancellationScope.nonCancellable(async () => {
    const input = readTeardownInput(given);
    const isOurs = input !== undefined && isTeardownStart(input, readStart());
    if (!isOurs) return refuseStart('a teardown is started by its service, or by a rollout of it');
    if (!(await isStillDue(input))) return refuseStart('the reaper has not found that nobody takes this stack down');
    await untilGone(input);
    return undefined;
  });
}

/** What a look of the reaper begins again is backed by the record: a service may have begun to use the revision since. */
async function isStillDue({ ref: { service }, revision, again }: TeardownInput): Promise<boolean> {
  if (!again || readStart().isContinued) return true;
  return confirmTeardown({ project: service.environment, stack: formatStackName(service, revision) });
}

async function untilGone(input: TeardownInput): Promise<void> {
  let { attempts, lastError } = input;
  if (attempts === 0) await leaveRoute(input);
  while (!workflowInfo().continueAsNewSuggested) {
    if (lastError !== undefined) {
      await report(input, { attempts, lastError });
      await sleep(computeBackoffMs(attempts, input.retryMs, input.retryMs * 64), {
        summary: `before attempt ${attempts + 1}`,
      });
    }
    const reports = new WaitReports(input, attempts + 1);
    try {
      await destroyOnce(input, attempts + 1, reports);
      await report(input, { attempts: attempts + 1, wasReported: reports.wasReported });
      return;
    } catch (error) {
      // It is begun again only where nobody uses the revision.
      if (failureType(error) === 'InUse') return endUnneeded(input, failureText(error));
      attempts += 1;
      const absence = readAbsence(error);
      const unserved = readUnserved(error);
      lastError = absence ? describeHostWait(absence) : unserved ? describePoolWait(unserved) : failureText(error);
    }
  }
  await continueAsNew<typeof teardown>({ ...input, attempts, ...(lastError === undefined ? {} : { lastError }) });
}

async function leaveRoute({ ref, router = DEFAULT_ROUTER, route, revision, because }: TeardownInput): Promise<void> {
  const name = formatRevisionName(revision);
  try {
    const task = buildDrainTask(ref, router, [revision]);
    setCurrentDetails(`**${formatStackName(ref.service, revision)}** drains until ${task.until} at the latest.`);
    await draining().drain.executeWithOptions({ summary: `drain ${name}` }, [task]);
    if (!route) return;
    const insisting = makesOwnLooks(router) ? { changed: 'insist' as const } : {};
    await localFirst('shift', `take ${name} out of the route`, [{ ref, router, route, because, ...insisting }]);
    const settleMs = readSettleMs(router, { isLast: false });
    if (settleMs > 0) await sleep(settleMs, { summary: 'the load balancer follows the new route' });
  } catch (error) {
    // A newer route was written since, which does not list this revision either.
    if (failureType(error) !== 'RouteRefused') throw error;
  }
}

/** One attempt, which lasts for as long as the stack's host is away, or nobody serves its pool. */
async function destroyOnce(input: TeardownInput, attempt: number, reports: WaitReports): Promise<void> {
  const { ref, revision, becomes, because, again } = input;
  const summary = `destroy ${formatStackName(ref.service, revision)}, attempt ${attempt}`;
  const task = { ref, revision, becomes, because, ...(again ? { again } : {}) };
  const destroy = (where: Where) =>
    engine({ attempts: 1, ...readPool(input) }).destroy.executeWithOptions({ summary, ...where }, [task]);
  const patience = { isOver: () => workflowInfo().continueAsNewSuggested, isEndless: true };
  await awaitHost(
    inPool(input.pool, (where) => repeatIfLost(() => destroy(where)), {
      ...patience,
      explain: (standing) => reports.explainPool(standing),
    }),
    { ...patience, explain: (standing) => reports.explainHost(standing), host: input.host },
  );
}

/** Tells once of all that this waits for: of each host and time that it was seen at, of each list of pools that are served. */
class WaitReports {
  wasReported = false;
  readonly #input: TeardownInput;
  readonly #attempts: number;
  #told: string | undefined;

  constructor(input: TeardownInput, attempts: number) {
    this.#input = input;
    this.#attempts = attempts;
  }

  async explainHost(standing: HostStanding | undefined): Promise<void> {
    if (!standing) return;
    await this.#tell(describeHostWait(standing), {
      waitsFor: 'a worker of that host runs again',
      note: () => upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.host, value: standing.host }]),
    });
  }

  async explainPool(standing: PoolStanding | undefined): Promise<void> {
    if (standing) await this.#tell(describePoolWait(standing), { waitsFor: 'a worker of that pool runs' });
  }

  async #tell(lastError: string, { waitsFor, note }: { waitsFor: string; note?: () => void }): Promise<void> {
    if (lastError === this.#told) return;
    this.#told = lastError;
    this.wasReported = true;
    note?.();
    await report(this.#input, { attempts: this.#attempts, lastError, waitsFor });
  }
}

/** Nothing is to be destroyed any more. */
async function endUnneeded({ ref: { service }, revision, since }: TeardownInput, why: string): Promise<void> {
  const stack = formatStackName(service, revision);
  setCurrentDetails(`**${stack}** stays: ${why}.`);
  await localFirst('quarantine', `${stack} is in use`, [
    { service, revision, stack, since, attempts: 0, nextAttemptAt: since },
  ]);
}

interface Report {
  attempts: number;
  /** Absent once the stack is gone. */
  lastError?: string;
  /** Whether it was told before that it does not go. */
  wasReported?: boolean;
  /** After what it is destroyed, while this waits for that. */
  waitsFor?: string;
}

/** Tells the service, and those who look at this run, how it stands. */
async function report(input: TeardownInput, { attempts, lastError, wasReported = false, waitsFor }: Report) {
  const { ref, revision, since, retryMs } = input;
  const stack = formatStackName(ref.service, revision);
  const gone = lastError === undefined;
  // One that waits for a worker begins the moment that is there.
  const pauseMs = waitsFor !== undefined ? 0 : computeBackoffMs(attempts, retryMs, retryMs * 64);
  const nextAttemptAt = new Date(Date.now() + pauseMs).toISOString();
  if (gone) {
    setCurrentDetails(`**${stack}** is gone.`);
    upsertSearchAttributes([
      { key: SEARCH_ATTRIBUTES.outcome, value: 'succeeded' },
      { key: SEARCH_ATTRIBUTES.needsHuman, value: false },
    ]);
  } else if (waitsFor !== undefined) {
    setCurrentDetails(`**${stack}** ${lastError}. It is destroyed once ${waitsFor}.`);
  } else {
    const needsHuman = attempts >= ATTEMPTS_BEFORE_HUMAN;
    setCurrentDetails(
      `**${stack}** could not be destroyed, ${attempts} attempts since ${since}. Next attempt: ${nextAttemptAt}.\n\n` +
        `Last error: ${lastError}\n\nIt is tried on until it works.` +
        (needsHuman ? ' **Somebody should look at what keeps it from going.**' : ''),
    );
    if (needsHuman) upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.needsHuman, value: true }]);
  }
  // One that goes at its first attempt never was in quarantine.
  if (!gone || attempts > 1 || wasReported)
    await putOnRecord(input, { attempts, nextAttemptAt, ...(gone ? {} : { lastError }) });
  try {
    const notice = { revision, rollout: ref.number };
    await getExternalWorkflowHandle(workflowIds.service(ref.service)).signal(teardownReportSignal, notice);
  } catch {
    // The service is removed already; nobody waits for the news.
  }
}

/** Quarantined stacks are recorded: lists show them whatever becomes of the service's workflow. */
async function putOnRecord(
  { ref, revision, since }: TeardownInput,
  latest: { attempts: number; nextAttemptAt: string; lastError?: string },
): Promise<void> {
  const stack = formatStackName(ref.service, revision);
  const summary = latest.lastError === undefined ? `${stack} is gone` : `${stack} is quarantined`;
  await localFirst('quarantine', summary, [{ service: ref.service, revision, stack, since, ...latest }]);
}
