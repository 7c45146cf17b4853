import {
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { ReapActivities, ReaperActivities } from '../../activities/reaper/index.ts';
import type { HostAnswer } from '../../activities/reaper/machines.ts';
import type { Survey } from '../../activities/reaper/survey.ts';
import type { ReapTarget, StackName } from '../../domain/reaper/facts.ts';
import { HEARTBEAT_TIMEOUT_MS } from '../../domain/heartbeats.ts';
import { poolTaskQueue } from '../../domain/task-queues.ts';
import { describeAbsence } from '../../domain/hosts/words.ts';
import { failureText } from '../shared/activities.ts';
import { describeUnserved } from '../../domain/pools/words.ts';
import { PASSING_BY, inPool, readUnserved } from '../shared/in-pool.ts';
import { type Where, followHost, isNotBegun, placeOn, readAbsence } from '../shared/follow-host.ts';
import { IN_PLACE, preferInPlace } from '../shared/in-place.ts';

const { cancellationType } = IN_PLACE;
const heartbeatTimeout = HEARTBEAT_TIMEOUT_MS;

const inPlace = proxyLocalActivities<ReaperActivities>(IN_PLACE);

/** The next look comes soon, so one that cannot be finished need not be waited for. */
const control = proxyActivities<ReaperActivities>({
  startToCloseTimeout: '5m',
  scheduleToCloseTimeout: '10m',
  heartbeatTimeout,
  retry: { initialInterval: '200ms', maximumInterval: '10s', maximumAttempts: 3 },
  cancellationType,
});

/** Where there are several hosts, each is asked first what it has. */
export async function lookAtStacks(): Promise<Survey> {
  const looked = await survey([]);
  if (!('ask' in looked)) return looked;
  const answered = await survey([await Promise.all(looked.ask.map(askHost))]);
  if ('ask' in answered) throw ApplicationFailure.nonRetryable('it asks for hosts whose answers it has');
  return answered;
}

function survey(args: Parameters<ReaperActivities['survey']>): ReturnType<ReaperActivities['survey']> {
  const options = { summary: 'look at all stacks' };
  return preferInPlace(
    () => inPlace.survey.executeWithOptions(options, args),
    () => control.survey.executeWithOptions(options, args),
  );
}

/** A host that is away does not answer; one whose places are all taken is asked again at the next look. */
async function askHost(host: string): Promise<HostAnswer> {
  const stacks = proxyActivities<ReapActivities>({
    ...placeOn(host),
    startToCloseTimeout: '5m',
    heartbeatTimeout,
    retry: { maximumAttempts: 1 },
    cancellationType,
  });
  try {
    await stacks.takeInventory.executeWithOptions({ summary: `what is on host ${host}?` }, []);
    return { host, isListed: true };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return isNotBegun(error) ? { host } : { host, because: failureText(error) };
  }
}

export async function confirmTeardown(id: StackName): Promise<boolean> {
  const options = { summary: `whether ${id.stack} is still to be taken down` };
  return preferInPlace(
    () => inPlace.confirmTeardown.executeWithOptions(options, [id]),
    () => control.confirmTeardown.executeWithOptions(options, [id]),
  );
}

/** Bounded by time rather than attempts: every restart of a worker costs an attempt. A host that is away is not waited for. */
export async function reapOnce({ host, pool, ...id }: ReapTarget): Promise<string> {
  const stacks = proxyActivities<ReapActivities>({
    taskQueue: poolTaskQueue(workflowInfo().taskQueue, pool),
    startToCloseTimeout: '2h',
    scheduleToCloseTimeout: '6h',
    heartbeatTimeout,
    retry: { initialInterval: '200ms', maximumInterval: '1m' },
    cancellationType,
  });
  const summary = `destroy ${id.stack}`;
  const there = host === undefined ? {} : placeOn(host);
  try {
    const destroy = (where: Where) => stacks.reap.executeWithOptions({ summary, ...there, ...where }, [id]);
    return await followHost(inPool(host === undefined ? pool : undefined, destroy, PASSING_BY));
  } catch (error) {
    const absence = readAbsence(error);
    if (absence) return `it stays for now: ${describeAbsence(absence)}`;
    const unserved = readUnserved(error);
    if (unserved) return `it stays for now: ${describeUnserved(unserved)}`;
    if (host !== undefined && isNotBegun(error)) return `it stays for now: host ${host} did not begin in time`;
    throw error;
  }
}
