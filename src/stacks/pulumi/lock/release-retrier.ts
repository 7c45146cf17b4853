import type { Log, StackId } from '../../blueprint.ts';
import { processHolds } from './process-holds.ts';

/** Between two attempts, in milliseconds. */
const AGAIN_MS = 1_000;

/**
 * Notes that stacks are free. On a full disk, or while the ledger's database is away, that has to wait; until it is noted, the
 * claim of a living owner keeps every other worker from the stack. Each note is about one claim, so that it frees nobody
 * else's, however late it comes.
 */
export class ReleaseRetrier {
  readonly #log: Log;
  readonly #host: string;
  readonly #timers = new Map<NodeJS.Timeout, StackId>();
  #isClosed = false;

  /** @param host that the claims are of */
  constructor(host: string, log: Log) {
    this.#host = host;
    this.#log = log;
  }

  /** Tries once before it returns. @param note writes it down */
  async of(id: StackId, note: () => Promise<void>): Promise<void> {
    try {
      await note();
    } catch (error) {
      this.#log('warn', `cannot note yet that ${id.stack} is free`, { reason: String(error) });
      if (!this.#isClosed) this.#later(id, note);
    }
  }

  /** Gives up what is not noted: once the process is dead, its claims pass on. */
  close(): void {
    this.#isClosed = true;
    for (const [timer, id] of this.#timers) {
      clearTimeout(timer);
      this.#count(id, -1);
    }
    this.#timers.clear();
  }

  #later(id: StackId, note: () => Promise<void>): void {
    this.#count(id, 1);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.of(id, note).then(() => this.#count(id, -1));
    }, AGAIN_MS);
    timer.unref();
    this.#timers.set(timer, id);
  }

  #count(id: StackId, change: 1 | -1): void {
    processHolds.unreleased.add(this.#host, id, change);
  }
}
