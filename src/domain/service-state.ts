import type { TeardownReport, Ticket } from './requests.ts';
import type { Revision } from './revision.ts';
import type { RolloutKind } from './rollout.ts';
import type { ServiceKey, ServiceSpec } from './service.ts';
import type { Lineup } from './standing.ts';

/** A rollout that was asked for. Its numbers are taken when it is accepted, so that the caller knows them at once. */
export interface Entry {
  number: number;
  kind: RolloutKind;
  actor: string;
  reason?: string;
  spec: ServiceSpec;
  /** A new revision, for `deploy`. */
  revision?: Revision;
  /** The revision to go back to, for `rollback`; absent for the one that was live before. */
  to?: number;
  /** ISO 8601. */
  queuedAt: string;
}

/** A request that was answered: what makes the same one again a repeat. */
export interface Answer {
  requestId: string;
  /** Of what was asked for. */
  fingerprint: string;
  /** Absent where no rollout follows: pins, marks, what was taken out of the queue. */
  ticket?: Ticket;
  /** ISO 8601. */
  at?: string;
}

/** All a service's workflow knows, small enough to be carried through continue-as-new. `v` is the shape's version. */
export interface ServiceState {
  v: 1;
  key: ServiceKey;
  spec?: ServiceSpec;
  lastRevision: number;
  lastRollout: number;
  lineup: Lineup;
  /** Revisions that were live before the live one, latest first. */
  formerly: number[];
  queue: Entry[];
  running?: Entry;
  /** Stacks whose teardown is under way. */
  departing: TeardownReport[];
  /** Latest last. */
  answered: Answer[];
  /** Route writes since the last rollout. */
  routeWrites: number;
  removed: boolean;
  /** Revisions kept warm whatever retention says. */
  pinned?: number[];
  /** Revisions that nobody goes back to. */
  bad?: number[];
}

export const FORMERLY_LIMIT = 20;

export function newState(key: ServiceKey): ServiceState {
  return {
    v: 1,
    key,
    lastRevision: 0,
    lastRollout: 0,
    lineup: { warm: [] },
    formerly: [],
    queue: [],
    departing: [],
    answered: [],
    routeWrites: 0,
    removed: false,
  };
}

/** The revision a rollback without a number goes to: the latest that was live before and can be had. */
export function previous(state: ServiceState): number | undefined {
  const live = state.lineup.live?.revision.number;
  const going = new Set(state.departing.map((stack) => stack.revision));
  const bad = new Set(state.bad);
  return state.formerly.find((number) => number !== live && !going.has(number) && !bad.has(number));
}

/** Who was live before, after `live` became so. */
export function remember(
  formerly: readonly number[],
  replaced: number | undefined,
  live: number | undefined,
): number[] {
  const others = formerly.filter((number) => number !== live && number !== replaced);
  return [...(replaced === undefined || replaced === live ? [] : [replaced]), ...others].slice(0, FORMERLY_LIMIT);
}

/** The rollout that was begun last. */
export function lastBegun({ lastRollout, queue, running }: ServiceState): number {
  return running?.number ?? (queue[0]?.number ?? lastRollout + 1) - 1;
}

/** What stands of a revision: the live one or a warm one. */
export function standing(lineup: Lineup, number: number): Revision | undefined {
  return [...(lineup.live ? [lineup.live] : []), ...lineup.warm].find((each) => each.revision.number === number)
    ?.revision;
}
