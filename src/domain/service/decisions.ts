import { rememberAnswer } from './answers.ts';
import { readPool } from '../pools/pool.ts';
import { type Refusal, createRefusal } from '../refusal.ts';
import { findRollbackObstacle, judgeRollback, pickTold } from '../rollback/safety.ts';
import { type Hold, refuseHeld, withoutHold } from '../rollback/hold.ts';
import { describeContracted } from '../migrations/contract.ts';
import type { KnownRollback } from '../rollback/verdict.ts';
import { findWay } from '../rollback/way.ts';
import { findPredecessor } from '../rollback/predecessor.ts';
import { isPreviewed } from '../rollout/choose-preview.ts';
import { type PlanOutline, outlinePlan } from '../rollout/exposure.ts';
import { fitPlan, planRollout } from '../rollout/plan.ts';
import { needsBaseline } from '../rollout/baseline.ts';
import type { Asked, RequestMeta, Receipt } from './requests.ts';
import { findRelease } from '../rollout/release-ahead.ts';
import { type Revision, type RevisionRef, formatRevisionName } from './revision.ts';
import { findRollbackTarget } from '../rollout/rollback-target.ts';
import type { SettingChange } from './setting-change.ts';
import { describeRouter } from './router.ts';
import { compareSettings } from './settings.ts';
import { isTooMuchToCarry, refuseLongSettings } from './settings-size.ts';
import { findSuperseded } from './superseding.ts';
import { formatServiceId } from './service.ts';
import { type Answer, type Entry, LIMITS, type ServiceState, findActive, applyPutBack, readRouter } from './state.ts';
import type { SpecRef } from './service.ts';

export type Decision =
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'answered'; receipt: Receipt; spec?: SpecRef; changes?: SettingChange[] }
  | { kind: 'queued'; receipt: Receipt; entry: Entry; spec: SpecRef; changes?: SettingChange[]; lifts?: Hold };

const refused = (...why: Parameters<typeof createRefusal>): Decision => ({ kind: 'refused', ...createRefusal(...why) });

/** What is known about a request beyond the service's own state. */
export interface Facts {
  /** The revision to go back to, as recorded. */
  revision?: Pick<Revision, 'number' | 'copyOf'> & { state: string };
  /** The rollout that runs has settled by what is recorded: it goes to its end, whatever is asked. */
  isSettled?: boolean;
  /** What drills have found out about the release that is asked for. */
  rollbacks?: readonly KnownRollback[];
  /** ISO 8601. */
  now: string;
}

/** The revision that has to be looked up before a request is decided on: it is gone back to and does not stand. */
export function findRevisionInQuestion(state: ServiceState, request: Asked): number | undefined {
  if (request.kind !== 'rollback') return undefined;
  const number = request.to ?? findRollbackTarget(state).to;
  return number === undefined || findActive(state.revisionSet, number) ? undefined : number;
}

/** Decides on a request that was not answered before. */
export function decideRequest(state: ServiceState, request: Asked, change: RequestMeta, facts: Facts): Decision {
  switch (request.kind) {
    case 'apply':
      return release(state, request, change, facts);
    case 'deploy':
      return state.spec && !state.removed ? release(state, request, change, facts) : unknown(state);
    case 'rollback':
      return goBack(state, request.to, change, facts);
    case 'restart':
      return restart(state, change, facts);
    case 'remove':
      return remove(state, change, facts);
  }
}

type Release = Extract<Asked, { kind: 'apply' | 'deploy' }>;

/** A release was worked out from a description that is not the service's any more: it has to be worked out again. */
export function isOutdated(state: ServiceState, asked: Asked): boolean {
  return asked.kind === 'deploy' && asked.basis !== (state.removed ? undefined : state.spec?.digest);
}

function release(
  state: ServiceState,
  { release: digest, label, pool, spec }: Release,
  change: RequestMeta,
  facts: Facts,
): Decision {
  const moved = refuseOtherRouter(state, spec);
  if (moved) return moved;
  const long = refuseLongSettings(state.key, spec.settings);
  if (long) return { kind: 'refused', refusal: long };
  const same = findRelease(state, digest);
  const hold = same?.isLive ? undefined : state.holds?.find((each) => each.release === digest);
  if (hold && !change.again) return { kind: 'refused', refusal: refuseHeld(state.key, hold) };
  const changes = compareSettings(state, spec.settings);
  if (same) {
    const answered = receipt(state, same.rollout, same.revision, same.isLive);
    if (changes.length === 0) return { kind: 'answered', receipt: answered, spec };
    return { kind: 'answered', receipt: { ...answered, settings: changes }, spec, changes };
  }
  const back = hold ? undefined : goBackInstead(state, digest, spec, facts);
  if (back !== undefined)
    return withChanges(
      withWay(state, queued(state, { kind: 'rollback', to: back }, spec, change, facts), back, facts),
      changes,
    );
  const crowded = tooManyDepart(state);
  if (crowded) return crowded;
  const revision: RevisionRef = {
    ...{ number: state.lastRevision + 1, release: digest, label },
    ...(pool === undefined ? {} : { pool }),
  };
  const decision = queued(state, { kind: 'deploy', revision }, spec, change, facts);
  if (decision.kind !== 'queued') return decision;
  const lifting = hold ? { ...decision, lifts: hold } : decision;
  return withRollbackSafety(state, withChanges(lifting, changes), revision, facts);
}

function withChanges<Decided extends Decision>(decision: Decided, changes: SettingChange[]): Decided {
  return changes.length > 0 && decision.kind !== 'refused' ? { ...decision, changes } : decision;
}

/** What is known of the way back, by what the release would take the place of if all that is ahead of it succeeds. */
function withRollbackSafety(
  state: ServiceState,
  decision: Extract<Decision, { kind: 'queued' }>,
  { release: digest, label }: RevisionRef,
  { rollbacks = [] }: Facts,
): Decision {
  const { rollbackSafety: demand } = decision.spec.settings;
  const safety = judgeRollback(digest, findPredecessor(state, decision.entry), rollbacks);
  const obstacle = findRollbackObstacle(state.key, label, safety, demand);
  if (obstacle) return refused('Refused', obstacle.message, obstacle.suggestion);
  const told = pickTold(safety, demand);
  return told ? { ...decision, receipt: { ...decision.receipt, rollback: told } } : decision;
}

/**
 * A service that has a route stays at its router: moving its clients is nothing that Supplant can do in one write, and
 * the one who takes the route away has to know where it is.
 */
function refuseOtherRouter(state: ServiceState, { settings }: SpecRef): Decision | undefined {
  const { key, revisionSet, running, queue } = state;
  const hasRoute = revisionSet.live !== undefined || revisionSet.warm.length > 0;
  if (!hasRoute && !running && queue.length === 0) return undefined;
  const [is, asked] = [describeRouter(readRouter(state)), describeRouter(settings.router)];
  if (is === asked) return undefined;
  return refused(
    'Refused',
    `the traffic of ${formatServiceId(key)} is split by ${is}, and cannot move to ${asked} while the service stands`,
    'apply it under another name or in another environment and move its clients there; or remove it first',
  );
}

/** What runs or waits brings fresh processes, or takes the release away: either way it is not the one to restart. */
function restart(state: ServiceState, change: RequestMeta, facts: Facts): Decision {
  if (!state.spec || state.removed) return unknown(state);
  const id = formatServiceId(state.key);
  const ahead = state.running ?? state.queue[0];
  if (ahead) return refused('Refused', `rollout ${ahead.number} of ${id} is under way`, 'restart it once that is over');
  const live = state.revisionSet.live?.revision;
  if (!live) return refused('Refused', `nothing of ${id} is live`, 'apply its manifest, or go back to a revision');
  const revision: RevisionRef = { ...live, number: state.lastRevision + 1 };
  return tooManyDepart(state) ?? queued(state, { kind: 'deploy', revision }, state.spec, change, facts);
}

function tooManyDepart(state: ServiceState): Decision | undefined {
  if (state.departing.length < LIMITS.departing) return undefined;
  return refused(
    'Refused',
    `${state.departing.length} stacks of ${formatServiceId(state.key)} wait to be torn down, and no new one is made from ${LIMITS.departing} on`,
    `supplant status ${formatServiceId(state.key)} says what keeps them`,
  );
}

function goBack(state: ServiceState, named: number | undefined, change: RequestMeta, facts: Facts): Decision {
  if (!state.spec || state.removed) return unknown(state);
  const { to = named, sameAs } = named === undefined ? findRollbackTarget(state) : {};
  if (sameAs) {
    const ends = facts.isSettled ? undefined : findSuperseded(state, sameAs).running?.number;
    return { kind: 'answered', receipt: receipt(state, sameAs.number, to, false, ends) };
  }
  if (to === undefined) {
    const instead = state.running ? 'abort the rollout that runs; that puts everything back' : otherStanding(state);
    return refused('Refused', `${formatServiceId(state.key)} has no previous revision to go back to`, instead);
  }
  const impossible = cannotGoBackTo(state, to, facts);
  if (impossible) return impossible;
  return withWay(state, queued(state, { kind: 'rollback', to }, state.spec, change, facts), to, facts);
}

/** How a rollback gets there, as things stand: by the window, and by whether a stack is there at all. */
function withWay(state: ServiceState, decision: Decision, to: number, { now }: Facts): Decision {
  if (decision.kind !== 'queued' || !decision.spec.settings.rollbackWindow) return decision;
  const way = findWay(state, decision.spec.settings, to, new Date(now));
  return { ...decision, receipt: { ...decision.receipt, way } };
}

/**
 * A release that is applied anew within the rollback window, while its stack is warm: the service goes back to that rather
 * than to make another one. Only where nothing runs or waits: what such a deployment would be behind may change what is live.
 */
function goBackInstead(state: ServiceState, release: string, spec: SpecRef, { now }: Facts): number | undefined {
  if (!spec.settings.rollbackWindow || state.running || state.queue.length > 0) return undefined;
  const bad = new Set(state.bad);
  const found = state.revisionSet.warm.find(
    (each) => each.revision.release === release && !bad.has(each.revision.number),
  );
  if (!found) return undefined;
  const { number } = found.revision;
  return findWay(state, spec.settings, number, new Date(now)).isAtOnce ? number : undefined;
}

/** Where a person may want to go when nothing is further back. */
function otherStanding({ key, revisionSet }: ServiceState): string | undefined {
  const names = revisionSet.warm.map(({ revision }) => formatRevisionName(revision.number));
  if (names.length === 0) return undefined;
  return `nothing is further back; ${names.join(', ')} ${names.length === 1 ? 'was' : 'were'} gone back from and still runs: supplant rollback ${formatServiceId(key)} --to ${names[0] ?? ''}`;
}

function cannotGoBackTo(state: ServiceState, target: number, facts: Facts): Decision | undefined {
  const name = formatRevisionName(target);
  if (state.revisionSet.live?.revision.number === target && !state.running && state.queue.length === 0) {
    return refused('Refused', `${name} is live already`);
  }
  if (state.bad?.includes(target)) {
    return refused('Refused', `${name} is marked bad`, 'go back to another revision, or deploy its artifact anew');
  }
  const copyOf = facts.revision?.number === target ? facts.revision.copyOf : undefined;
  if (copyOf !== undefined) {
    const of = formatRevisionName(copyOf);
    const why = `${name} was a baseline, a copy of ${of} that a release was compared with`;
    return refused('Refused', why, `go back to ${of}`);
  }
  const { contractedBy } = state;
  if (contractedBy !== undefined && target < contractedBy) {
    const why = describeContracted(target, contractedBy);
    return refused('Refused', why, 'deploy its artifact anew, made to fit what is there now');
  }
  if (state.departing.some((stack) => stack.revision === target)) {
    return refused('Refused', `${name} is being torn down; it can be brought back once it is gone`);
  }
  if (findActive(state.revisionSet, target)) return undefined;
  if (facts.revision?.number !== target) {
    return refused(
      'NotFound',
      `${formatServiceId(state.key)} has no revision ${name}`,
      `see: supplant history ${formatServiceId(state.key)}`,
    );
  }
  if (facts.revision.state === 'failed') return refused('Refused', `${name} never became live: its rollout failed`);
  return undefined;
}

function remove(state: ServiceState, change: RequestMeta, facts: Facts): Decision {
  if (!state.spec || state.removed) return unknown(state);
  return queued(state, { kind: 'remove' }, state.spec, change, facts);
}

function unknown(state: ServiceState): Decision {
  return refused(
    'NotFound',
    `there is no service ${formatServiceId(state.key)}`,
    'describe it in a manifest and apply that first',
  );
}

function queued(
  state: ServiceState,
  what: Pick<Entry, 'kind' | 'revision' | 'to'>,
  spec: SpecRef,
  change: RequestMeta,
  facts: Facts,
): Decision {
  const { settings } = spec;
  const ahead = state.running ?? state.queue[0];
  if (settings.concurrency === 'reject' && ahead && what.kind === 'deploy') {
    const why = `rollout ${ahead.number} of ${formatServiceId(state.key)} is under way, and its policy is to reject others`;
    return refused(
      'Refused',
      why,
      ahead.putBack ? 'it is being put back; wait for that' : 'wait for it, or abort it first',
    );
  }
  const entry = withBaseline(state, {
    ...what,
    settings,
    number: state.lastRollout + 1,
    actor: change.actor,
    queuedAt: facts.now,
  });
  const { drop, running: putBack } = findSuperseded(state, entry);
  const ends = facts.isSettled ? undefined : putBack?.number;
  const left = { ...state, queue: state.queue.filter((each) => !drop.includes(each)) };
  // What people reach for when it burns has some places of its own.
  const most = what.kind === 'deploy' ? LIMITS.queue : LIMITS.queue + LIMITS.queueSpare;
  const isTooMuch = isTooMuchToCarry(left.queue, entry);
  if (left.queue.length >= most || isTooMuch) {
    return refused(
      'Refused',
      `${left.queue.length} rollouts of ${formatServiceId(state.key)} wait already, which is as many as may${isTooMuch ? ' with settings of such a length' : ''}`,
      `supplant drop takes one out of the queue; with concurrency: supersede-queued later ones take the place of earlier ones`,
    );
  }
  return {
    kind: 'queued',
    entry,
    spec,
    receipt: {
      ...receipt(left, entry.number, entry.revision?.number ?? entry.to, false, ends),
      ...(entry.revision ? readPool(entry.revision) : {}),
      ...(drop.length === 0 ? {} : { drops: drop.map(({ number }) => number) }),
      ...outlineEntry(state, entry),
    },
  };
}

/** A number for the baseline, recorded with the request like the revision's own. It stays unused where nothing is live by then. */
function withBaseline({ revisionSet, running, queue }: ServiceState, entry: Entry): Entry {
  const { kind, revision, settings } = entry;
  if (kind !== 'deploy' || !revision || !needsBaseline(settings.strategy)) return entry;
  const mayHaveLive = revisionSet.live !== undefined || running !== undefined || queue.length > 0;
  return mayHaveLive ? { ...entry, baseline: revision.number + 1 } : entry;
}

/** How traffic will move, if all that is ahead of it succeeds. To what is gone back to at once it moves so, and to nothing it does not. */
function outlineEntry(state: ServiceState, entry: Entry): { plan?: PlanOutline } {
  const { kind, to, settings, queuedAt } = entry;
  const isAtOnce = to !== undefined && findWay(state, settings, to, new Date(queuedAt)).isAtOnce;
  if (kind === 'remove' || isAtOnce) return {};
  const hasPrevious = findPredecessor(state, entry) !== undefined;
  const steps = fitPlan(planRollout(settings.strategy), { isAtOnce: false, hasPrevious, isBack: kind === 'rollback' });
  const hasBaseline = entry.baseline !== undefined;
  const hasPreview = isPreviewed(kind, settings.strategy);
  return { plan: outlinePlan(steps, settings.router, { hasBaseline, hasPreview }) };
}

function receipt(
  state: ServiceState,
  rollout: number,
  revision: number | undefined,
  unchanged: boolean,
  ends?: number,
): Receipt {
  const behind = [...(state.running ? [state.running] : []), ...state.queue].filter(
    ({ number }) => number < rollout && number !== ends,
  );
  return {
    service: state.key,
    rollout,
    ...(revision === undefined ? {} : { revision }),
    unchanged,
    queuedBehind: behind.length,
    ...(ends === undefined ? {} : { ends }),
  };
}

/** The state once a decision is taken and was answered. The rollouts that it supersedes are still in it. */
export function applyDecision(
  state: ServiceState,
  decision: Exclude<Decision, { kind: 'refused' }>,
  answer: Answer,
): ServiceState {
  const next = rememberAnswer(state, answer);
  if (decision.kind === 'answered') {
    const due = decision.changes && answer.at !== undefined ? { settingsDue: answer.at } : {};
    return decision.spec ? { ...next, spec: decision.spec, ...due } : next;
  }
  const { entry, spec, lifts } = decision;
  const { running } = findSuperseded(state, entry);
  const queue = [...next.queue, entry];
  const holds = lifts ? { holds: withoutHold(next.holds ?? [], lifts.release) } : {};
  const after = { ...reserveNumbers(next, entry), ...holds, spec, removed: false, queue };
  return running ? applyPutBack(after, { rollout: running.number, stage: 'asked' }) : after;
}

/** The state in which a rollout's numbers are not given again. */
export function reserveNumbers(state: ServiceState, { number, revision, baseline }: Entry): ServiceState {
  return { ...state, lastRollout: number, lastRevision: baseline ?? revision?.number ?? state.lastRevision };
}

/** The state in which a rollout waits no longer. */
export function removeFromQueue(state: ServiceState, number: number): ServiceState {
  return { ...state, queue: state.queue.filter((each) => each.number !== number) };
}
