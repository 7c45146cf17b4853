import { proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { DriftActivities, LookActivities } from '../../activities/drift/index.ts';
import type { LookResult } from '../../activities/drift/look.ts';
import type { TargetsPage, TargetsTask } from '../../activities/drift/targets.ts';
import type { LookTarget } from '../../domain/drift/record.ts';
import { HEARTBEAT_TIMEOUT_MS } from '../../domain/heartbeats.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import { poolTaskQueue } from '../../domain/task-queues.ts';
import { type Where, followHost } from '../shared/follow-host.ts';
import { PASSING_BY, inPool } from '../shared/in-pool.ts';
import { IN_PLACE, preferInPlace } from '../shared/in-place.ts';

const { cancellationType } = IN_PLACE;
const heartbeatTimeout = HEARTBEAT_TIMEOUT_MS;

const inPlace = proxyLocalActivities<DriftActivities>(IN_PLACE);

const control = proxyActivities<DriftActivities>({
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '10m',
  heartbeatTimeout,
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
  cancellationType,
});

export async function listTargets(task: TargetsTask): Promise<TargetsPage> {
  const options = { summary: 'which stacks are up' };
  return preferInPlace(
    () => inPlace.listDriftTargets.executeWithOptions(options, [task]),
    () => control.listDriftTargets.executeWithOptions(options, [task]),
  );
}

/** Notes why a stack could not be looked at, where the look itself could not. */
export function noteTrouble({ pool: _pool, ...target }: LookTarget, because: string): Promise<void> {
  const summary = `${formatRevisionName(target.revision)} could not be looked at`;
  return control.noteLookTrouble.executeWithOptions({ summary }, [{ target, because }]);
}

/** How long somebody waits for a look at most, in milliseconds. */
export const LOOK_LIMIT_MS = 30 * 60_000;

/** For what waits, as a rollout does: another look at the same stack may be under way, or an engine fail once. */
const WAITED_FOR = { scheduleToCloseTimeout: LOOK_LIMIT_MS, maximumAttempts: 5 } as const;

/** The next look comes by itself, and gives way to what others do with stacks, where Temporal's server heeds that. */
const IN_PASSING = { scheduleToCloseTimeout: '2h', maximumAttempts: 1 } as const;

/**
 * Looks at one stack, where it runs. Neither a host that is away is waited for nor a pool that nobody serves.
 *
 * @param options.isWaitedFor somebody waits for what it finds
 */
export function lookAtStack(
  { pool, ...target }: LookTarget,
  { isWaitedFor }: { isWaitedFor: boolean },
): Promise<LookResult> {
  const { scheduleToCloseTimeout, maximumAttempts } = isWaitedFor ? WAITED_FOR : IN_PASSING;
  const looks = proxyActivities<LookActivities>({
    taskQueue: poolTaskQueue(workflowInfo().taskQueue, pool),
    startToCloseTimeout: '30m',
    scheduleToCloseTimeout,
    heartbeatTimeout,
    retry: { initialInterval: '200ms', maximumInterval: '10s', maximumAttempts },
    cancellationType,
    ...(isWaitedFor ? {} : { priority: { priorityKey: 5 } }),
  });
  const summary = `is ${formatRevisionName(target.revision)} of ${formatServiceId(target.service)} as it was made?`;
  const look = (where: Where) => looks.lookForDrift.executeWithOptions({ summary, ...where }, [target]);
  return followHost(inPool(pool, look, PASSING_BY));
}
