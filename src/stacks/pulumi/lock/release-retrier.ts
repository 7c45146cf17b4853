import type { Log, StackId } from '../../blueprint.ts';

/** Between two attempts, in milliseconds. */
const AGAIN_MS = 1_000;

/**
 * Notes that stacks are free. On a full disk, or while the ledger's database is away, that has to wait; until it is noted, the
 * claim of a living owner keeps every other worker from the stack. Each note is about one claim, so that it frees nobody
 * else's, however late it comes.
 */
export class ReleaseRetrier {
  readonly #log: Log;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isClosed = false;

  constructor(log: Log) {
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
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #later(id: StackId, note: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.of(id, note);
    }, AGAIN_MS);
    timer.unref();
    this.#timers.add(timer);
  }
}
