import type { ServiceState } from './state.ts';

/** How far the record has come. */
export interface RecordHead {
  /** The request that was answered last. */
  latest?: string;
  /** The last number that a rollout was given: one that was dropped has left no answer where its request counts no more. */
  lastRollout?: number;
}

/**
 * Whether something is recorded that a service's state knows nothing of. What is decided is recorded first, by a step of the
 * workflow task that puts it into the state; where that task is lost, as when Temporal's disk is full, the record alone has it.
 */
export function isBehindRecord(
  { answered, lastRollout }: Pick<ServiceState, 'answered' | 'lastRollout'>,
  recorded: RecordHead,
): boolean {
  const { latest } = recorded;
  const isKnown = latest === undefined || answered.some(({ requestId }) => requestId === latest);
  return !isKnown || (recorded.lastRollout ?? 0) > lastRollout;
}

/** What is recorded of what was asked for. */
export type RecordedRequests = Pick<
  ServiceState,
  'spec' | 'lastRevision' | 'lastRollout' | 'queue' | 'answered' | 'pinned' | 'bad' | 'holds' | 'settingsDue'
>;

/** The state with what was answered and is recorded alone. What runs and what stands is as it was. */
export function catchUp(state: ServiceState, recorded: RecordedRequests): ServiceState {
  const { spec = state.spec, answered, pinned, bad, holds, settingsDue } = recorded;
  const found = recorded.queue.filter(({ number }) => number > state.lastRollout);
  const { spec: _spec, settingsDue: _due, ...kept } = state;
  return {
    ...kept,
    ...(spec ? { spec } : {}),
    ...(settingsDue === undefined ? {} : { settingsDue }),
    ...(pinned ? { pinned } : {}),
    ...(bad ? { bad } : {}),
    ...(holds ? { holds } : {}),
    answered,
    lastRevision: Math.max(state.lastRevision, recorded.lastRevision),
    lastRollout: Math.max(state.lastRollout, recorded.lastRollout),
    queue: [...state.queue, ...found],
    removed: found.length === 0 && state.removed,
  };
}
