import { allHandlersFinished, getExternalWorkflowHandle } from '@temporalio/workflow';
import { workflowIds } from '../domain/requests.ts';
import { unqueued } from '../domain/service-decisions.ts';
import type { Entry, ServiceState } from '../domain/service-state.ts';
import { supersedeSignal } from './messages.ts';

/** What a service's workflow knows, and what keeps those apart who change it at the same time. */
export class ServiceDesk {
  state: ServiceState;
  /** Requests that come in while the service is still being recalled are answered from when this is set on. */
  isOpen = false;
  /** This run has taken requests in the present way, so that nothing of its past was done otherwise. */
  recordsFirst = false;
  #superseded: { number: number; because: string } | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #leaving = new Set<number>();

  constructor(state: ServiceState) {
    this.state = state;
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
}
