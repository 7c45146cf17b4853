import { allHandlersFinished, getExternalWorkflowHandle } from '@temporalio/workflow';
import { Mutex } from '../../domain/mutex.ts';
import { workflowIds } from '../../domain/service/requests.ts';
import { removeFromQueue } from '../../domain/service/decisions/apply-decision.ts';
import { type Entry, type ServiceState, findLastBegun } from '../../domain/service/state.ts';
import { computeServiceGeneration } from '../../domain/traffic/generation.ts';
import { IgnoredMessages } from '../shared/intake.ts';
import { supersedeSignal } from '../shared/messages.ts';

/** What a service's workflow knows, and what keeps those apart who change it at the same time. */
export class ServiceContext {
  state: ServiceState;
  /** Requests that come in while the service is still being recalled are answered from when this is set on. */
  isOpen = false;
  /** A contract is being called. */
  isContracting = false;
  readonly ignored = new IgnoredMessages();
  #superseded: { number: number; by: number } | undefined;
  readonly #mutex = new Mutex();
  readonly #leaving = new Set<number>();

  constructor(state: ServiceState) {
    this.state = state;
  }

  /** The running rollout is over; what it left is in the state already. */
  endRollout(): void {
    const { running: _over, ...rest } = this.state;
    this.state = { ...rest, routeWrites: 0 };
  }

  /** For the next write of the route between two rollouts. */
  nextGeneration(): number {
    this.state = { ...this.state, routeWrites: this.state.routeWrites + 1 };
    return computeServiceGeneration(findLastBegun(this.state), this.state.routeWrites);
  }

  /** The rollout to begin next. Those that are on their way out of the queue are passed over. */
  get next(): Entry | undefined {
    return this.state.queue.find(({ number }) => !this.#leaving.has(number));
  }

  /** Nothing is left of the service, and nothing is asked of it. */
  get done(): boolean {
    const { removed, departing, spec, queue } = this.state;
    const gone = (removed || spec === undefined) && departing.length === 0;
    return gone && queue.length === 0 && !this.isContracting && allHandlersFinished();
  }

  /**
   * One after the other: what is decided is recorded and in the state before the next one is decided on, so that no
   * number is given twice and no mark is written over.
   */
  runExclusive<T>(body: () => Promise<T>): Promise<T> {
    return this.#mutex.run(body);
  }

  /** Keeps rollouts from being begun while `record` records that they leave the queue. */
  async removeFromQueue(entries: readonly Entry[], record: (entry: Entry) => Promise<void>): Promise<void> {
    for (const { number } of entries) this.#leaving.add(number);
    try {
      for (const entry of entries) {
        await record(entry);
        this.state = removeFromQueue(this.state, entry.number);
      }
    } finally {
      for (const { number } of entries) this.#leaving.delete(number);
    }
  }

  /** Has a running rollout put back for another one's sake. */
  async supersede(number: number, by: number): Promise<void> {
    // Noted before anything is awaited: by then another rollout may be the running one.
    this.#superseded = { number, by };
    await this.tellSuperseded(number);
  }

  /** Tells a rollout that it was superseded, if it was; one that is only being started is told once it runs. */
  async tellSuperseded(number: number): Promise<void> {
    if (this.#superseded?.number !== number) return;
    const { by } = this.#superseded;
    try {
      await getExternalWorkflowHandle(workflowIds.rollout(this.state.key, number)).signal(supersedeSignal, by);
    } catch {
      // It does not run yet, or not any more.
    }
  }
}
