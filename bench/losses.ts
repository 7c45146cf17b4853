import proto from '@temporalio/proto';

const { EventType, TimeoutType } = proto.temporal.api.enums.v1;
type Event = proto.temporal.api.history.v1.IHistoryEvent;
type Time = Event['eventTime'];

/** A worker's process that was killed. Times in milliseconds since the epoch. */
export interface Kill {
  at: number;
  /** When a worker was started after it as the only one, and took work; undefined where another one lived on. */
  ready?: number;
}

/** Something that a worker's death cost a rollout. */
export interface Loss {
  /** The activity's name, `workflow task`, `local activity` (a workflow task that was in one), or `sticky task`. */
  what: string;
  /** The one kill that explains it. Without one, something living was taken for dead. */
  kill: Kill | undefined;
  /** From the kill, or from when the lost task came up if that was later, until it was begun again; milliseconds. */
  ms: number;
  /** When it was begun again, in milliseconds since the epoch. */
  again: number;
}

/**
 * What was lost and begun again in a rollout, by its history: activities whose last attempt follows one that timed out
 * or was answered for, and workflow tasks that timed out. What two kills explain is left out, since nothing is noted of the attempt between.
 */
export function losses(events: readonly Event[], kills: readonly Kill[]): Loss[] {
  const byId = new Map(events.map((event) => [Number(event.eventId), event]));
  return events.flatMap((event) => {
    const found = lostActivity(event, byId) ?? lostTask(event, events, byId);
    if (!found) return [];
    const { what, from, again } = found;
    const waited = what === 'sticky task';
    const within = kills.filter(({ at }) => at > from - (waited ? STILL_STICKY_MS : STILL_POLLING_MS) && at < again);
    if (within.length > 1) return [];
    const [kill] = within;
    return [{ what, kill, again, ms: again - (waited ? Math.max(kill?.at ?? 0, from) : (kill?.at ?? from)) }];
  });
}

/** A task may still be meant for a worker that has been dead for so long; the server forgets a poller after that. */
const STILL_STICKY_MS = 20_000;
/** A worker that is being killed may still be given something. */
const STILL_POLLING_MS = 500;

interface Found {
  what: string;
  from: number;
  again: number;
}

function lostActivity(event: Event, byId: ReadonlyMap<number, Event>): Found | undefined {
  const started = event.activityTaskStartedEventAttributes;
  if (!started || !isLoss(started.lastFailure)) return undefined;
  const scheduled = byId.get(Number(started.scheduledEventId));
  const what = scheduled?.activityTaskScheduledEventAttributes?.activityType?.name ?? 'activity';
  return { what, from: millis(scheduled?.eventTime), again: millis(event.eventTime) };
}

/** Its heartbeats were missed, or another worker has found its worker dead. */
function isLoss(failure: proto.temporal.api.failure.v1.IFailure | null | undefined): boolean {
  return Boolean(failure?.timeoutFailureInfo) || failure?.applicationFailureInfo?.type === 'WorkerDied';
}

function lostTask(event: Event, events: readonly Event[], byId: ReadonlyMap<number, Event>): Found | undefined {
  const timedOut = event.workflowTaskTimedOutEventAttributes;
  if (!timedOut) return undefined;
  const index = events.findIndex(
    ({ eventId, eventType }) =>
      Number(eventId) > Number(event.eventId) && eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
  );
  const completed = events[index]?.workflowTaskCompletedEventAttributes;
  if (!completed) return undefined;
  const again = millis(byId.get(Number(completed.startedEventId))?.eventTime);
  const wasWaiting = timedOut.timeoutType === TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START;
  const lost = byId.get(Number(wasWaiting ? timedOut.scheduledEventId : timedOut.startedEventId));
  const inPlace = events[index + 1]?.eventType === EventType.EVENT_TYPE_MARKER_RECORDED;
  return {
    what: wasWaiting ? 'sticky task' : inPlace ? 'local activity' : 'workflow task',
    from: millis(lost?.eventTime),
    again,
  };
}

function millis(time: Time): number {
  return Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
}
