import { canonicalJson, fingerprint } from './fingerprint.ts';
import type { Change, Request, Ticket } from './requests.ts';
import { type Revision, revisionName } from './revision.ts';
import { type ServiceSpec, serviceId } from './service.ts';
import { type Entry, REMEMBERED, type ServiceState, previous, standing } from './service-state.ts';

/** Why a request is not carried out. */
export interface Refusal {
  type: 'Invalid' | 'NotFound' | 'Refused' | 'Conflict';
  message: string;
  suggestion?: string;
}

export type Decision =
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'answered'; ticket: Ticket; spec?: ServiceSpec }
  | {
      kind: 'queued';
      ticket: Ticket;
      entry: Entry;
      /** Waiting rollouts whose place it takes. */
      drop: Entry[];
      /** The running rollout is put back at its next safe point. */
      supersede: boolean;
    };

const refused = (type: Refusal['type'], message: string, suggestion?: string): Decision => ({
  kind: 'refused',
  refusal: { type, message, ...(suggestion === undefined ? {} : { suggestion }) },
});

/** The answer that was given to this request id before; a refusal when it came with other content. */
export function answeredBefore(state: ServiceState, request: Request, requestId: string): Decision | undefined {
  const before = state.answered.find((answer) => answer.requestId === requestId);
  if (!before) return undefined;
  if (before.fingerprint === fingerprint(request)) return { kind: 'answered', ticket: before.ticket };
  return refused(
    'Conflict',
    `request id ${requestId} was used before with other content (rollout ${before.ticket.rollout})`,
    'use a new request id for a new request',
  );
}

/** What is known about a request beyond the service's own state. */
export interface Facts {
  /** Of the blueprint, for a release. */
  digest?: string;
  /** The artifact of a release so that it means the same for ever, where its text as written does not. */
  artifact?: string;
  /** The revision to go back to, as recorded. */
  revision?: Pick<Revision, 'number'> & { state: string };
  /** ISO 8601. */
  now: string;
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

function goBack(state: ServiceState, to: number | undefined, change: Change, facts: Facts): Decision {
  if (!state.spec || state.removed) return unknown(state);
  const busy = state.running !== undefined || state.queue.length > 0;
  const target = to ?? (busy ? undefined : previous(state));
  if (target === undefined && !busy) {
    return refused('Refused', `${serviceId(state.key)} has no previous revision to go back to`);
  }
  const impossible = target === undefined ? undefined : cannotGoBackTo(state, target, facts);
  if (impossible) return impossible;
  return queued(
    state,
    { kind: 'rollback', spec: state.spec, ...(target === undefined ? {} : { to: target }) },
    change,
    facts,
  );
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
  if (!facts.revision) {
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
  const supersedes = policy === 'supersede-queued' || policy === 'supersede-running';
  const drop = supersedes ? state.queue.filter(({ kind }) => kind !== 'remove') : [];
  const left = { ...state, queue: state.queue.filter((each) => !drop.includes(each)) };
  return {
    kind: 'queued',
    entry,
    ticket: ticket(left, entry.number, entry.revision?.number ?? entry.to, false),
    drop,
    supersede: policy === 'supersede-running' && state.running !== undefined && state.running.kind !== 'remove',
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

function remembered(answered: ServiceState['answered'], now: string): ServiceState['answered'] {
  const since = new Date(Date.parse(now) - REMEMBERED.leastMs).toISOString();
  const always = answered.length - REMEMBERED.latest;
  return answered.filter(({ at = now }, index) => index >= always || at >= since).slice(-REMEMBERED.most);
}

/** The state once a decision is taken at `now`, ISO 8601. */
export function taken(
  state: ServiceState,
  decision: Decision,
  request: Request,
  requestId: string,
  now: string,
): ServiceState {
  if (decision.kind === 'refused') return state;
  const answer = { requestId, fingerprint: fingerprint(request), ticket: decision.ticket, at: now };
  const next: ServiceState = { ...state, answered: remembered([...state.answered, answer], now) };
  if (decision.kind === 'answered') return decision.spec ? { ...next, spec: decision.spec } : next;
  const { entry, drop } = decision;
  const gone = new Set(drop.map(({ number }) => number));
  return {
    ...next,
    spec: entry.spec,
    removed: false,
    lastRollout: entry.number,
    lastRevision: entry.revision?.number ?? next.lastRevision,
    queue: [...next.queue.filter(({ number }) => !gone.has(number)), entry],
  };
}

/** Two that agree in this need one revision: what is run, how, and what it has to prove. */
function sameRelease(made: Pick<Revision, 'artifact' | 'blueprint' | 'checks'>, revision: Revision): boolean {
  const { artifact, blueprint, checks } = revision;
  return canonicalJson(made) === canonicalJson({ artifact, blueprint, checks });
}
