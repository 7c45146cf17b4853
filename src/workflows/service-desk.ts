import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  currentUpdateInfo,
  getExternalWorkflowHandle,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import {
  type Change,
  type Note,
  type Request,
  type TeardownReport,
  type Ticket,
  workflowIds,
} from '../domain/requests.ts';
import { type Decision, type Facts, type Refusal, answeredBefore, decide, taken } from '../domain/service-decisions.ts';
import { type Entry, type ServiceState, standing } from '../domain/service-state.ts';
import { noted } from '../domain/service-notes.ts';
import { serviceStatus } from '../domain/service-status.ts';
import type { ServiceSpec } from '../domain/service.ts';
import { noteUpdate, requestUpdates, serviceStatusQuery, supersedeSignal, teardownReportSignal } from './messages.ts';
import { SEARCH_ATTRIBUTES } from './search-attributes.ts';
import { quickly } from './steps.ts';

/** After this many failed attempts at a teardown a person should look. */
const ATTEMPTS_BEFORE_HUMAN = 3;

/** Where requests come in. They are answered at once with a ticket; the rollout itself is waited for elsewhere. */
export class ServiceDesk {
  state: ServiceState;
  #open = false;
  #superseded: { number: number; because: string } | undefined;
  readonly #pending = new Map<string, Promise<Ticket>>();

  constructor(state: ServiceState) {
    this.state = state;
    setHandler(serviceStatusQuery, () => serviceStatus(this.state) ?? null, {
      description: 'Live and warm revisions, the running rollout, the queue, stacks in quarantine',
    });
    setHandler(teardownReportSignal, (report) => this.#heard(report), {
      description: 'From teardowns; not for people',
    });
    setHandler(requestUpdates.apply, ({ spec, change }) => this.#answer({ kind: 'apply', spec }, change), {
      validator: onTime,
      description: 'Make the service be as described: {spec, change: {actor, reason?, requestId}}',
    });
    setHandler(requestUpdates.deploy, ({ artifact, change }) => this.#answer({ kind: 'deploy', artifact }, change), {
      validator: onTime,
      description: 'A new revision with another artifact: {artifact, change: {actor, reason?, requestId}}',
    });
    setHandler(
      requestUpdates.rollback,
      ({ to, change }) => this.#answer({ kind: 'rollback', ...(to === undefined ? {} : { to }) }, change),
      {
        validator: onTime,
        description: 'Back to revision {to}, or to the one before: {to?, change: {actor, reason?, requestId}}',
      },
    );
    setHandler(requestUpdates.remove, ({ change }) => this.#answer({ kind: 'remove' }, change), {
      validator: onTime,
      description: 'Take the service away, its route and all its stacks: {change: {actor, reason?, requestId}}',
    });
    setHandler(noteUpdate, ({ note, change }) => this.#note(note, change), {
      validator: onTime,
      description: 'Take a rollout out of the queue, pin or unpin a revision, mark one bad: {note, change}',
    });
  }

  /** Requests that came in while the service was still being recalled are answered from here on. */
  open(): void {
    this.#open = true;
  }

  /** The running rollout is over; what it left is in the state already. */
  over(): void {
    const { running: _over, ...rest } = this.state;
    this.state = { ...rest, routeWrites: 0 };
  }

  get waiting(): boolean {
    return this.state.queue.length > 0;
  }

  /** Nothing is left of the service, and nothing is asked of it. */
  get done(): boolean {
    const { removed, departing, spec } = this.state;
    const gone = (removed || spec === undefined) && departing.length === 0;
    return gone && !this.waiting && allHandlersFinished();
  }

  /** Two callers with one request id get one answer, even while it is being worked out. */
  async #answer(request: Request, change: Change): Promise<Ticket> {
    const requestId = change.requestId || (currentUpdateInfo()?.id ?? '');
    await condition(() => this.#open);
    const working = this.#pending.get(requestId);
    if (working) await working.catch(() => undefined);
    const answering = this.#decide(request, { ...change, requestId });
    this.#pending.set(requestId, answering);
    try {
      return await answering;
    } finally {
      this.#pending.delete(requestId);
    }
  }

  async #decide(request: Request, change: Change): Promise<Ticket> {
    const before = answeredBefore(this.state, request, change.requestId);
    if (before) return this.#settle(before, request, change);
    const facts = await this.#facts(request);
    const meanwhile = answeredBefore(this.state, request, change.requestId);
    if (meanwhile) return this.#settle(meanwhile, request, change);
    refuseLate(change);
    const decision = decide(this.state, request, change, facts);
    if (decision.kind === 'answered' && decision.spec) await this.#save(decision.spec);
    const ticket = this.#settle(decision, request, change);
    if (decision.kind === 'queued') await this.#makeWay(decision, ticket.rollout, change);
    return ticket;
  }

  /** For a rollout that others give way to. */
  async #makeWay(
    { drop, supersede }: Pick<Extract<Decision, { kind: 'queued' }>, 'drop' | 'supersede'>,
    rollout: number,
    { actor }: Change,
  ): Promise<void> {
    const because = `superseded by rollout ${rollout}`;
    // Noted before anything is awaited: by then another rollout may be the running one.
    const { running } = this.state;
    if (supersede && running) {
      this.#superseded = { number: running.number, because };
      await this.tellSuperseded(running.number);
    }
    for (const entry of drop) await this.#drop(entry, actor, because);
  }

  /** Tells a rollout that it was superseded, if it was; one that is only being started is told once it runs. */
  async tellSuperseded(number: number): Promise<void> {
    if (this.#superseded?.number !== number) return;
    const { because } = this.#superseded;
    try {
      await getExternalWorkflowHandle(workflowIds.rollout(this.state.key, number)).signal(supersedeSignal, because);
    } catch {
      // It does not run yet, or not any more.
    }
  }

  async #drop(entry: Entry, actor: string, because: string): Promise<void> {
    const { number, kind, spec, revision, queuedAt, reason } = entry;
    const ref = { service: this.state.key, number, actor };
    const task = {
      ref,
      kind,
      spec,
      ...(revision ? { revision } : {}),
      requestedBy: entry.actor,
      ...(reason === undefined ? {} : { reason }),
      queuedAt,
      at: now(),
      because,
    };
    await quickly('drop', `rollout ${number} leaves the queue: ${because}`, [task]);
  }

  async #note(note: Note, change: Change): Promise<string> {
    await condition(() => this.#open);
    const { key } = this.state;
    const isKnown =
      note.kind !== 'drop' &&
      (await quickly('recallRevision', 'is it on record?', [{ service: key, number: note.revision }])) !== null;
    refuseLate(change);
    const outcome = noted(this.state, note, isKnown);
    if ('refusal' in outcome) throw refusal(outcome.refusal);
    this.state = outcome.state;
    if (outcome.dropped) {
      const why = change.reason === undefined ? '' : `: ${change.reason}`;
      await this.#drop(outcome.dropped, change.actor, `taken out of the queue by ${change.actor}${why}`);
    } else {
      const { pinned = [], bad = [] } = this.state;
      await quickly('mark', `${note.kind} on record`, [{ service: key, note, change, pinned, bad }]);
    }
    return DONE[note.kind];
  }

  #settle(decision: Decision, request: Request, change: Change): Ticket {
    if (decision.kind === 'refused') {
      throw refusal(decision.refusal);
    }
    const known = this.state.answered.some((answer) => answer.requestId === change.requestId);
    if (!known) this.state = taken(this.state, decision, request, change.requestId, now());
    return decision.ticket;
  }

  /** Asks outside the workflow for what the decision needs. */
  async #facts(request: Request): Promise<Facts> {
    const { key, spec, lineup } = this.state;
    const release =
      request.kind === 'apply'
        ? request.spec
        : request.kind === 'deploy'
          ? withArtifact(spec, request.artifact)
          : undefined;
    if (release) return { ...(await this.#describe(release)), now: now() };
    if (request.kind === 'rollback' && request.to !== undefined && !standing(lineup, request.to)) {
      const task = { service: key, number: request.to };
      const revision = await quickly('recallRevision', `what is on record of r${request.to}`, [task]);
      return { ...(revision ? { revision } : {}), now: now() };
    }
    return { now: now() };
  }

  async #describe(spec: ServiceSpec): Promise<Pick<Facts, 'digest' | 'artifact'>> {
    const { faults, ...described } = await quickly('describe', `does blueprint ${spec.blueprint.name} take this?`, [
      spec,
    ]);
    if (faults.length === 0) return described;
    const message = faults.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
    throw ApplicationFailure.create({ type: 'Invalid', message, nonRetryable: true, details: [{ faults }] });
  }

  async #save(spec: ServiceSpec): Promise<void> {
    await quickly('saveSpec', 'keep what does not need a new revision', [spec]);
  }

  #heard(report: TeardownReport): void {
    const others = this.state.departing.filter((stack) => stack.revision !== report.revision);
    this.state = { ...this.state, departing: report.gone ? others : [...others, report] };
    const needsHuman = this.state.departing.some((stack) => stack.attempts >= ATTEMPTS_BEFORE_HUMAN);
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.needsHuman, value: needsHuman }]);
  }
}

const DONE: Record<Note['kind'], string> = {
  drop: 'it was taken out of the queue',
  pin: 'it stays warm until it is unpinned',
  unpin: 'retention decides about it again',
  'mark-bad': 'nobody goes back to it any more',
};

function refusal({ type, message, suggestion }: Refusal): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true, details: [{ suggestion }] });
}

/** Before a request is accepted: refused here it leaves no trace. */
function onTime({ change }: { change: Change }): void {
  refuseLate(change);
}

/** Nobody waits for the answer any more, and the caller was told that nothing was started. */
function refuseLate({ expiresAt }: Change): void {
  if (expiresAt === undefined || Date.now() <= Date.parse(expiresAt)) return;
  const message = `the request was not to be begun after ${expiresAt}`;
  throw ApplicationFailure.create({ type: 'Expired', message, nonRetryable: true });
}

function withArtifact(spec: ServiceSpec | undefined, artifact: string): ServiceSpec | undefined {
  return spec && { ...spec, artifact };
}

function now(): string {
  return new Date().toISOString();
}
