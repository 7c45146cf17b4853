import {
  ActivityCancellationType,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { ReapActivities, ReaperActivities } from '../../activities/reaper/index.ts';
import type { StackName } from '../../domain/reaper/facts.ts';
import { HEARTBEAT_TIMEOUT_MS } from '../../domain/heartbeats.ts';
import { stackTaskQueue } from '../../domain/task-queues.ts';

const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
const heartbeatTimeout = HEARTBEAT_TIMEOUT_MS;

const inPlace = proxyLocalActivities<ReaperActivities>({
  startToCloseTimeout: '5s',
  retry: { maximumAttempts: 1 },
  cancellationType,
});

/** The next look comes soon, so one that cannot be finished need not be waited for. */
const control = proxyActivities<ReaperActivities>({
  startToCloseTimeout: '5m',
  scheduleToCloseTimeout: '10m',
  heartbeatTimeout,
  retry: { initialInterval: '200ms', maximumInterval: '10s', maximumAttempts: 3 },
  cancellationType,
});

/** Tried in place, which keeps the history short; where that takes too long or fails, as an activity that people can see. */
export async function lookAtStacks(): ReturnType<ReaperActivities['survey']> {
  try {
    return await inPlace.survey.executeWithOptions({ summary: 'look at all stacks' }, []);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return control.survey.executeWithOptions({ summary: 'look at all stacks' }, []);
  }
}

export async function confirmTeardown(id: StackName): Promise<boolean> {
  const summary = `whether ${id.stack} is still to be taken down`;
  try {
    return await inPlace.confirmTeardown.executeWithOptions({ summary }, [id]);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return control.confirmTeardown.executeWithOptions({ summary }, [id]);
  }
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
