import { proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { ReapActivities, ReaperActivities } from '../../activities/reaper/index.ts';
import type { StackName } from '../../domain/reaper/facts.ts';
import { HEARTBEAT_TIMEOUT_MS } from '../../domain/heartbeats.ts';
import { stackTaskQueue } from '../../domain/task-queues.ts';
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

export async function lookAtStacks(): ReturnType<ReaperActivities['survey']> {
  const options = { summary: 'look at all stacks' };
  return preferInPlace(
    () => inPlace.survey.executeWithOptions(options, []),
    () => control.survey.executeWithOptions(options, []),
  );
}

export async function confirmTeardown(id: StackName): Promise<boolean> {
  const options = { summary: `whether ${id.stack} is still to be taken down` };
  return preferInPlace(
    () => inPlace.confirmTeardown.executeWithOptions(options, [id]),
    () => control.confirmTeardown.executeWithOptions(options, [id]),
  );
}

/** Bounded by time rather than attempts: every restart of a worker costs an attempt. */
export async function reapOnce(id: StackName): Promise<string> {
  const stacks = proxyActivities<ReapActivities>({
    taskQueue: stackTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '2h',
    scheduleToCloseTimeout: '6h',
    heartbeatTimeout,
    retry: { initialInterval: '200ms', maximumInterval: '1m' },
    cancellationType,
  });
  return stacks.reap.executeWithOptions({ summary: `destroy ${id.stack}` }, [id]);
}
