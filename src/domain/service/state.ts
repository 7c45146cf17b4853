import { type Hold, addHold, isHeld } from '../rollback/hold.ts';
import { clipLine } from '../sentences.ts';
import { DEFAULT_ROUTER, type RouterSpec, type SpecRef } from './service.ts';
import type { DismissedBaseline, PutBackReport, PutBackStage, TeardownReport, Receipt } from './requests.ts';
import type { PendingContract } from '../migrations/contract.ts';
import { type RevisionRef, formatStackName } from './revision.ts';
import type { RolloutKind } from '../rollout/rollout.ts';
import type { ServiceKey, ServiceSettings } from './service.ts';
import type { RevisionSet } from './revision-set.ts';

/**
 * A rollout that was asked for. Its numbers are taken when it is accepted, so that the caller knows them at once. What it
 * was asked for with, a reason and a release of any size, is recorded under its number.
 */
export interface Entry {
  number: number;
  kind: RolloutKind;
  actor: string;
  settings: ServiceSettings;
  /** A new revision, for `deploy`. */
  revision?: RevisionRef;
  /** The number of the baseline that a `deploy` is compared with, where something may be live when it begins. */
  baseline?: number;
  /** The revision to go back to, for `rollback`; absent for the one that was live before. */
  to?: number;
  /** ISO 8601. */
  queuedAt: string;
  /** Of one that runs: what it was to make live is not to be counted on. */
  putBack?: PutBackStage;
}

/** A request that was answered: what makes the same one again a repeat. */
export interface Answer {
  requestId: string;
  /** Of what was asked for. */
  fingerprint: string;
  /** Absent where no rollout follows: pins, marks, what was taken out of the queue. */
  receipt?: Receipt;
  /** ISO 8601. */
  at?: string;
}

/**
 * All a service's workflow knows, small enough to be carried through continue-as-new whatever its users send: references
 * to what is recorded, and lists with an end. `v` is the shape's version.
 */
export interface ServiceState {
  v: 2;
  key: ServiceKey;
  spec?: SpecRef;
  lastRevision: number;
  lastRollout: number;
  revisionSet: RevisionSet;
  /** Revisions that were live before the live one, latest first. */
  formerly: number[];
  queue: Entry[];
  running?: Entry;
  /** Stacks whose teardown is under way. */
  departing: TeardownReport[];
  /** Latest last. Those before them are recorded. */
  answered: Answer[];
  /** Route writes since the last rollout. */
  routeWrites: number;
  removed: boolean;
  /** Revisions kept warm whatever retention says. */
  pinned?: number[];
  /** Revisions that nobody goes back to. */
  bad?: number[];
  /** Releases that were rolled back by themselves, the oldest first. */
  holds?: Hold[];
  /** When settings were changed last that are to take effect before the next rollout begins, or after this one. ISO 8601. */
  settingsDue?: string;
  /** Contracts that wait, or have begun, the oldest revision's first. */
  contracts?: PendingContract[];
  /** The newest revision whose contract has begun: nobody goes back to one before it. */
  contractedBy?: number;
}

export const FORMERLY_LIMIT = 20;

/**
 * How much of anything a service's workflow carries. What would be more is refused with the figure, or is in the record alone.
 * `test/domain/service/size.test.ts` holds the whole to {@link STATE_LIMIT}, far below the 2 MiB at which Temporal
 * terminates a workflow.
 */
export const LIMITS = {
  /** Rollouts that wait. */
  queue: 100,
  /** Places beyond those, for rollbacks and removals. */
  queueSpare: 10,
  pinned: 20,
  bad: 500,
  /** Stacks on their way out, from which on no new one is made. */
  departing: 50,
  /** Of those that are carried. Rollouts under way add to them beyond the limit above. */
  departingKept: 100,
  /** Answers that are carried; older ones are looked up in the record. */
  answered: 60,
  /** Characters of an error that is shown. */
  error: 120,
  /** Bytes of an actor's name. */
  actor: 256,
  /** Bytes of one revision's endpoints, as JSON. */
  endpoints: 1_536,
  /** Bytes of a service's settings, as JSON. */
  settings: 12_288,
  /** Of those of all deployments that wait, together; rollbacks and removals have room beside that. */
  queuedSettings: 122_880,
} as const;

/** Bytes of a service's state as JSON. */
export const STATE_LIMIT = 640 * 1024;

export function createServiceState(key: ServiceKey): ServiceState {
  return {
    v: 2,
    key,
    lastRevision: 0,
    lastRollout: 0,
    revisionSet: { warm: [] },
    formerly: [],
    queue: [],
    departing: [],
    answered: [],
    routeWrites: 0,
    removed: false,
  };
}

/** The revision a rollback without a number goes to: the latest that was live before and can be had. */
export function findPreviousRevision(state: ServiceState): number | undefined {
  const live = state.revisionSet.live?.revision.number;
  const going = new Set(state.departing.map((stack) => stack.revision));
  const bad = new Set(state.bad);
  return state.formerly.find((number) => number !== live && !going.has(number) && !bad.has(number));
}

/** The same by what is recorded, where nothing else of the service goes on. */
export function findPreviousRecorded({
  rollouts,
  live,
  quarantine,
  bad,
}: {
  rollouts: Parameters<typeof collectFormerlyLive>[0];
  live: number;
  quarantine: readonly { revision: number }[];
  bad: readonly number[];
}): number | undefined {
  const out = new Set([live, ...quarantine.map(({ revision }) => revision), ...bad]);
  return collectFormerlyLive(rollouts, live).find((number) => !out.has(number));
}

/**
 * Who was live before, after `live` became so. Going back forgets what was left, and all that came after where it leads: a
 * second rollback goes further back, and never to what the first one fled from.
 */
export function rememberLive(
  formerly: readonly number[],
  replaced: number | undefined,
  live: number | undefined,
  isRollback = false,
): number[] {
  const place = live === undefined ? -1 : formerly.indexOf(live);
  if (isRollback && place >= 0) return formerly.slice(place + 1);
  const others = formerly.filter((number) => number !== live && number !== replaced);
  return [...(replaced === undefined || replaced === live ? [] : [replaced]), ...others].slice(0, FORMERLY_LIMIT);
}

/** The same from a service's rollouts as they are recorded, latest first. */
export function collectFormerlyLive(
  rollouts: readonly { kind: RolloutKind; outcome?: string; revision?: number }[],
  live: number | undefined,
): number[] {
  let formerly: number[] = [];
  let last: number | undefined;
  for (const { kind, outcome, revision } of rollouts.toReversed()) {
    if (outcome !== 'succeeded' || revision === undefined) continue;
    formerly = rememberLive(formerly, last, revision, kind === 'rollback');
    last = revision;
  }
  return last === live ? formerly : rememberLive(formerly, last, live);
}

/**
 * The state in which a rollout has ended, with the revisions that stand then.
 *
 * @param isDone it came about as it was asked for
 */
export function withRevisionSet(
  state: ServiceState,
  revisionSet: RevisionSet,
  { kind, isDone }: { kind: RolloutKind; isDone: boolean },
): ServiceState {
  const [replaced, live] = [state.revisionSet.live?.revision.number, revisionSet.live?.revision.number];
  return {
    ...state,
    revisionSet,
    formerly: rememberLive(state.formerly, replaced, live, kind === 'rollback'),
    // Something asked for behind the removal brings the service back.
    removed: kind === 'remove' && isDone && state.queue.length === 0,
  };
}

/** The state that has heard what a rollout was put back for: its revision is bad, and its release on hold. */
export function applyBlame(state: ServiceState, hold: Hold): ServiceState {
  const { bad = [], holds = [], revisionSet } = state;
  const marked = [...bad.filter((number) => number !== hold.revision), hold.revision].slice(-LIMITS.bad);
  return { ...state, bad: marked, ...(isHeld(hold, revisionSet) ? { holds: addHold(holds, hold) } : {}) };
}

/** Where the service's route is. What has a route does not change its router; see `decisions.ts`. */
export function readRouter({ spec }: ServiceState): RouterSpec {
  return spec?.settings.router ?? DEFAULT_ROUTER;
}

/** The rollout that was begun last. */
export function findLastBegun({
  lastRollout,
  queue,
  running,
}: {
  lastRollout: number;
  queue: readonly Pick<Entry, 'number'>[];
  running?: Pick<Entry, 'number'>;
}): number {
  return running?.number ?? (queue[0]?.number ?? lastRollout + 1) - 1;
}

/** What stands of a revision: the live one or a warm one. */
export function findActive(revisionSet: RevisionSet, number: number): RevisionRef | undefined {
  return [...(revisionSet.live ? [revisionSet.live] : []), ...revisionSet.warm].find(
    (each) => each.revision.number === number,
  )?.revision;
}

/** The state that has heard that its running rollout is put back. Of any other one this says nothing. */
export function applyPutBack(state: ServiceState, { rollout, stage }: PutBackReport): ServiceState {
  const { running } = state;
  if (running?.number !== rollout || running.putBack === 'begun') return state;
  return { ...state, running: { ...running, putBack: stage } };
}

/** The state that has heard that a stack is gone. */
export function withoutDeparting(state: ServiceState, revision: number): ServiceState {
  return { ...state, departing: state.departing.filter((stack) => stack.revision !== revision) };
}

/** The state that has heard of a baseline whose teardown goes on, and may be known of already. */
export function applyDismissal(
  state: ServiceState,
  { revision, copyOf }: DismissedBaseline,
  since: string,
): ServiceState {
  const stack = formatStackName(state.key, revision);
  const known = state.departing.find((each) => each.revision === revision);
  return applyTeardownReport(state, { revision, stack, gone: false, since, attempts: 0, ...known, copyOf });
}

/** The state that has heard how a teardown stands. */
export function applyTeardownReport(state: ServiceState, report: TeardownReport): ServiceState {
  const others = state.departing.filter((stack) => stack.revision !== report.revision);
  const { copyOf } = state.departing.find((stack) => stack.revision === report.revision) ?? {};
  const known = copyOf === undefined ? report : { copyOf, ...report };
  const { lastError } = known;
  const short = lastError === undefined ? known : { ...known, lastError: clipLine(lastError, LIMITS.error) };
  return { ...state, departing: (report.gone ? others : [...others, short]).slice(-LIMITS.departingKept) };
}
