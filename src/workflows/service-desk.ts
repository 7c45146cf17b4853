import {
  allHandlersFinished,
  condition,
  currentUpdateInfo,
  getExternalWorkflowHandle,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { type Change, type Request, type TeardownReport, type Ticket, workflowIds } from '../domain/requests.ts';
import { unqueued } from '../domain/service-decisions.ts';
import type { Entry, ServiceState } from '../domain/service-state.ts';
import { serviceStatus } from '../domain/service-status.ts';
import { onTime } from './refusals.ts';
import { noteUpdate, requestUpdates, serviceStatusQuery, supersedeSignal, teardownReportSignal } from './messages.ts';
import { SEARCH_ATTRIBUTES } from './search-attributes.ts';
import { note } from './service-notes.ts';
import { answer } from './service-requests.ts';

/** After this many failed attempts at a teardown a person should look. */
const ATTEMPTS_BEFORE_HUMAN = 3;

/** Where requests come in. They are answered at once with a ticket; the rollout itself is waited for elsewhere. */
export class ServiceDesk {
  state: ServiceState;
  #open = false;
  #superseded: { number: number; because: string } | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #leaving = new Set<number>();
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
    setHandler(
      noteUpdate,
      async ({ note: asked, change }) => {
        await condition(() => this.#open);
        return note(this, asked, identified(change));
      },
      {
        validator: onTime,
        description: 'Take a rollout out of the queue, pin or unpin a revision, mark one bad: {note, change}',
      },
    );
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

  /** The rollout to begin next. Those that are on their way out of the queue are passed over. */
  get next(): Entry | undefined {
    return this.state.queue.find(({ number }) => !this.#leaving.has(number));
  }

  /** Nothing is left of the service, and nothing is asked of it. */
  get done(): boolean {
    const { removed, departing, spec, queue } = this.state;
    const gone = (removed || spec === undefined) && departing.length === 0;
    return gone && queue.length === 0 && allHandlersFinished();
  }

  /**
   * One after the other: what is decided is on record and in the state before the next one is decided on, so that no
   * number is given twice and no mark is written over.
   */
  inTurn<T>(body: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(body);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Keeps rollouts from being begun while `record` puts on record that they leave the queue. */
  async leaving(entries: readonly Entry[], record: (entry: Entry) => Promise<void>): Promise<void> {
    for (const { number } of entries) this.#leaving.add(number);
    try {
      for (const entry of entries) {
        await record(entry);
        this.state = unqueued(this.state, entry.number);
      }
    } finally {
      for (const { number } of entries) this.#leaving.delete(number);
    }
  }

  /** Has a running rollout put back. */
  async supersede(number: number, because: string): Promise<void> {
    // Noted before anything is awaited: by then another rollout may be the running one.
    this.#superseded = { number, because };
    await this.tellSuperseded(number);
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

  /** Two callers with one request id get one answer, even while it is being worked out. */
  async #answer(request: Request, change: Change): Promise<Ticket> {
    const known = identified(change);
    const { requestId } = known;
    await condition(() => this.#open);
    const working = this.#pending.get(requestId);
    if (working) await working.catch(() => undefined);
    const answering = answer(this, request, known);
    this.#pending.set(requestId, answering);
    try {
      return await answering;
    } finally {
      this.#pending.delete(requestId);
    }
  }

  #heard(report: TeardownReport): void {
    const others = this.state.departing.filter((stack) => stack.revision !== report.revision);
    this.state = { ...this.state, departing: report.gone ? others : [...others, report] };
    const needsHuman = this.state.departing.some((stack) => stack.attempts >= ATTEMPTS_BEFORE_HUMAN);
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.needsHuman, value: needsHuman }]);
  }
}

/** Whoever asks in the Temporal UI gives no request id; the update's own is one. */
function identified(change: Change): Change {
  return { ...change, requestId: change.requestId || (currentUpdateInfo()?.id ?? '') };
}
