import type { StackId } from '../blueprint.ts';
import { OperationAborted, StackBusyError } from '../driver.ts';
import { self } from '../process-identity.ts';
import type { Claim, Ledger } from './ledger.ts';
import { endLeftOperation, removeStaleLocks } from './recovery.ts';
import type { StateStore } from './state-store.ts';

/**
 * Gives each stack to one operation at a time, across all workers of a data folder, and clears up after a dead worker's
 * operation before the next one begins.
 */
export class Turns {
  readonly #ledger: Ledger;
  readonly #store: StateStore;
  readonly #stopGraceMs: number;
  readonly #owner = self();
  readonly #closing = new AbortController();
  readonly #underWay = new Map<string, { signal: AbortSignal; ended: Promise<unknown> }>();

  constructor(ledger: Ledger, store: StateStore, stopGraceMs: number) {
    this.#ledger = ledger;
    this.#store = store;
    this.#stopGraceMs = stopGraceMs;
  }

  /** The signal of the operation that holds the stack now. */
  signalOf(id: StackId): AbortSignal | undefined {
    return this.#underWay.get(key(id))?.signal;
  }

  /**
   * @throws StackBusyError while another operation holds the stack
   * @throws OperationAborted when the signal came before the operation could begin
   */
  async take<T>(
    id: StackId,
    operation: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    if (either.aborted) throw new OperationAborted(`the ${operation} of ${id.stack} was stopped before it began`);
    const { busy, left } = this.#ledger.claim(id, operation, this.#owner);
    if (busy) throw new StackBusyError(`${id.stack} is busy: ${described(busy)}`);
    const running = this.#run(id, left, async () => work(either));
    this.#underWay.set(key(id), { signal: either, ended: running.catch(() => undefined) });
    try {
      return await running;
    } finally {
      this.#underWay.delete(key(id));
      this.#ledger.release(id);
    }
  }

  /** Stops what is under way, cleanly first, and waits for its end. Later operations are refused. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#underWay.values()].map(async ({ ended }) => ended));
  }

  async #run<T>(id: StackId, left: Claim | undefined, work: () => Promise<T>): Promise<T> {
    if (left) await endLeftOperation(left, this.#stopGraceMs);
    await removeStaleLocks(this.#store, id);
    return work();
  }
}

function described({ operation, owner, startedAt }: Claim): string {
  return `process ${owner.pid} runs its ${operation} since ${startedAt}`;
}

function key({ project, stack }: StackId): string {
  return `${project}/${stack}`;
}
