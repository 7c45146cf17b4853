import { answerTo, remembering } from './answers.ts';
import { canonicalJson } from './fingerprint.ts';
import { type Refusal, refusal } from './refusal.ts';
import type { Change, Request, Ticket } from './requests.ts';
import { type Revision, revisionName } from './revision.ts';
import { rollbackTarget } from './rollback-target.ts';
import { type ServiceSpec, serviceId } from './service.ts';
import { type Entry, type ServiceState, standing } from './service-state.ts';

export type Decision =
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'answered'; ticket: Ticket; spec?: ServiceSpec }
  | { kind: 'queued'; ticket: Ticket; entry: Entry };

const refused = (...why: Parameters<typeof refusal>): Decision => ({ kind: 'refused', ...refusal(...why) });

/** What is known about a request beyond the service's own state. */
export interface Facts {
  /** Of the blueprint, for a release. */
  digest?: string;
  /** The artifact of a release so that it means the same for ever, where its text as written does not. */
  artifact?: string;
  /** The revision to go back to, as recorded. */
  revision?: Pick<Revision, 'number'> & { state: string };
  /** As older versions decided: where others run or wait, a rollback finds its revision only when it begins. */
  undirected?: boolean;
  /** ISO 8601. */
  now: string;
}

/** The revision that has to be looked up before a request is decided on: it is gone back to and does not stand. */
export function revisionInQuestion(state: ServiceState, request: Request): number | undefined {
  if (request.kind !== 'rollback') return undefined;
  const number = request.to ?? rollbackTarget(state).to;
  return number === undefined || standing(state.lineup, number) ? undefined : number;
}

/** Decides on a request that was not answered before. */
export function decide(state: ServiceState, request: Request, change: Change, facts: Facts): Decision {
  switch (request.kind) {
    case 'apply':
      return release(state, request.spec, change, facts);
    case 'deploy': {
      const spec = state.spec && { ...state.spec, artifact: request.artifact };
      return spec && !state.removed ? release(state, spec, change, facts) : unknown(state);
    }
    case 'rollback':
      return goBack(state, request.to, change, facts);
    case 'remove':
      return remove(state, change, facts);
  }
}

function release(state: ServiceState, spec: ServiceSpec, change: Change, facts: Facts): Decision {
  const made = {
    artifact: facts.artifact ?? spec.artifact,
    blueprint: { ...spec.blueprint, digest: facts.digest ?? '' },
    checks: spec.checks,
  };
  const ahead = [...(state.running ? [state.running] : []), ...state.queue].at(-1);
  const current = ahead ? ahead.revision : state.lineup.live?.revision;
  if (current && sameRelease(made, current)) {
    const rollout = ahead?.number ?? state.lastRollout;
    return { kind: 'answered', ticket: ticket(state, rollout, current.number, !ahead), spec };
  }
  const revision: Revision = {
    service: state.key,
    number: state.lastRevision + 1,
    ...made,
    requestedBy: change.actor,
    createdAt: facts.now,
  };
  return queued(state, { kind: 'deploy', spec, revision }, change, facts);
}

function goBack(state: ServiceState, named: number | undefined, change: Change, facts: Facts): Decision {
  if (!state.spec || state.removed) return unknown(state);
  const isOpen = facts.undirected && (state.running !== undefined || state.queue.length > 0);
  const { to = named, sameAs } = named === undefined && !isOpen ? rollbackTarget(state) : {};
  if (sameAs) return { kind: 'answered', ticket: ticket(state, sameAs.number, to, false) };
  if (to === undefined) {
    if (isOpen) return queued(state, { kind: 'rollback', spec: state.spec }, change, facts);
    const instead = state.running ? 'abort the rollout that runs; that puts everything back' : undefined;
    return refused('Refused', `${serviceId(state.key)} has no previous revision to go back to`, instead);
  }
  const impossible = cannotGoBackTo(state, to, facts);
  return impossible ?? queued(state, { kind: 'rollback', spec: state.spec, to }, change, facts);
}

function cannotGoBackTo(state: ServiceState, target: number, facts: Facts): Decision | undefined {
  const name = revisionName(target);
  if (state.lineup.live?.revision.number === target && !state.running && state.queue.length === 0) {
    return refused('Refused', `${name} is live already`);
  }
  if (state.bad?.includes(target)) {
    return refused('Refused', `${name} is marked bad`, 'go back to another revision, or deploy its artifact anew');
  }
  if (state.departing.some((stack) => stack.revision === target)) {
    return refused('Refused', `${name} is being torn down; it can be brought back once it is gone`);
  }
  if (standing(state.lineup, target)) return undefined;
  if (facts.revision?.number !== target) {
    return refused(
      'NotFound',
      `${serviceId(state.key)} has no revision ${name}`,
      `see: supplant history ${serviceId(state.key)}`,
    );
  }
  if (facts.revision.state === 'failed') return refused('Refused', `${name} never became live: its rollout failed`);
  return undefined;
}

function remove(state: ServiceState, change: Change, facts: Facts): Decision {
  if (!state.spec || state.removed) return unknown(state);
  return queued(state, { kind: 'remove', spec: state.spec }, change, facts);
}

function unknown(state: ServiceState): Decision {
  return refused(
    'NotFound',
    `there is no service ${serviceId(state.key)}`,
    'describe it in a manifest and apply that first',
  );
}

function queued(
  state: ServiceState,
  what: Pick<Entry, 'kind' | 'spec' | 'revision' | 'to'>,
  change: Change,
  facts: Facts,
): Decision {
  const policy = what.spec.concurrency ?? 'queue';
  const ahead = state.running ?? state.queue[0];
  if (policy === 'reject' && ahead && what.kind === 'deploy') {
    const why = `rollout ${ahead.number} of ${serviceId(state.key)} is under way, and its policy is to reject others`;
    return refused('Refused', why, 'wait for it, or abort it first');
  }
  const entry: Entry = {
    ...what,
    number: state.lastRollout + 1,
    actor: change.actor,
    ...(change.reason === undefined ? {} : { reason: change.reason }),
    queuedAt: facts.now,
  };
  const { drop } = givingWay(state, entry);
  const left = { ...state, queue: state.queue.filter((each) => !drop.includes(each)) };
  return { kind: 'queued', entry, ticket: ticket(left, entry.number, entry.revision?.number ?? entry.to, false) };
}

/** What gives way to a rollout by its policy: those that leave the queue, and one that is put back at its next safe point. */
export function givingWay(state: ServiceState, { number, spec }: Entry): { drop: Entry[]; running?: Entry } {
  const { concurrency } = spec;
  if (concurrency !== 'supersede-queued' && concurrency !== 'supersede-running') return { drop: [] };
  const isSuperseded = (each: Entry): boolean => each.kind !== 'remove' && each.number < number;
  const { running } = state;
  return {
    drop: state.queue.filter(isSuperseded),
    ...(concurrency === 'supersede-running' && running && isSuperseded(running) ? { running } : {}),
  };
}

function ticket(state: ServiceState, rollout: number, revision: number | undefined, unchanged: boolean): Ticket {
  const behind = [...(state.running ? [state.running] : []), ...state.queue].filter((entry) => entry.number < rollout);
  return {
    service: state.key,
    rollout,
    ...(revision === undefined ? {} : { revision }),
    unchanged,
    queuedBehind: behind.length,
  };
}

/** The state once a decision is taken at `now`, ISO 8601. What gives way to it is still there. */
export function taken(
  state: ServiceState,
  decision: Exclude<Decision, { kind: 'refused' }>,
  request: Request,
  requestId: string,
  now: string,
): ServiceState {
  const next = remembering(state, answerTo(request, requestId, now, decision.ticket), now);
  if (decision.kind === 'answered') return decision.spec ? { ...next, spec: decision.spec } : next;
  const { entry } = decision;
  return {
    ...numbered(next, entry),
    spec: entry.spec,
    removed: false,
    queue: [...next.queue, entry],
  };
}

/** The state in which a rollout's numbers are not given again. */
export function numbered(state: ServiceState, { number, revision }: Entry): ServiceState {
  return { ...state, lastRollout: number, lastRevision: revision?.number ?? state.lastRevision };
}

/** The state in which a rollout waits no longer. */
export function unqueued(state: ServiceState, number: number): ServiceState {
  return { ...state, queue: state.queue.filter((each) => each.number !== number) };
}

/** Two that agree in this need one revision: what is run, how, and what it has to prove. */
function sameRelease(made: Pick<Revision, 'artifact' | 'blueprint' | 'checks'>, revision: Revision): boolean {
  const { artifact, blueprint, checks } = revision;
  return canonicalJson(made) === canonicalJson({ artifact, blueprint, checks });
}
