import type { StackId } from '../blueprint.ts';
import { OperationAborted, type OperationContext, StackBusyError, type StackProgress } from '../driver.ts';
import { self } from '../../host/process-identity.ts';
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
    operation: StackProgress['operation'],
    context: OperationContext,
    work: (context: OperationContext) => Promise<T>,
  ): Promise<T> {
    const signal = AbortSignal.any([context.signal, this.#closing.signal]);
    if (signal.aborted) throw new OperationAborted(`the operation on ${id.stack} was stopped before it began`);
    const { busy, left } = this.#ledger.claim(id, operation, this.#owner);
    if (busy) throw new StackBusyError(`${id.stack} is busy: ${described(busy)}`);
    const running = (async () => {
      if (left) await this.#endLeft(left, operation, context);
      await removeStaleLocks(this.#store, id);
      return work({ ...context, signal });
    })();
    this.#underWay.set(key(id), { signal, ended: running.catch(() => undefined) });
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

  async #endLeft(left: Claim, operation: StackProgress['operation'], context: OperationContext): Promise<void> {
    const message = `waits for what a dead worker left: ${described(left)}`.slice(0, 200);
    context.onProgress({ operation, done: 0, inProgress: [], message });
    await endLeftOperation(left, this.#stopGraceMs);
  }
}

function described({ operation, owner, startedAt }: Claim): string {
  return `pulumi ${operation} of process ${owner.pid}, begun ${startedAt}`;
}

function key({ project, stack }: StackId): string {
  return `${project}/${stack}`;
}
