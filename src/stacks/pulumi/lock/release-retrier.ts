import { formatStackId } from '../../../domain/reaper/facts.ts';
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
  /** How many notes about each stack are still to be written. */
  readonly #waiting = new Map<string, number>();
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

  /** Whether something about that stack is still to be noted. */
  isWaiting(id: StackId): boolean {
    return this.#waiting.has(formatStackId(id));
  }

  /** Gives up what is not noted: once the process is dead, its claims pass on. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #later(id: StackId, note: () => Promise<void>): void {
    this.#count(id, 1);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.of(id, note).then(() => this.#count(id, -1));
    }, AGAIN_MS);
    timer.unref();
    this.#timers.add(timer);
  }

  #count(id: StackId, change: 1 | -1): void {
    const count = (this.#waiting.get(formatStackId(id)) ?? 0) + change;
    if (count > 0) this.#waiting.set(formatStackId(id), count);
    else this.#waiting.delete(formatStackId(id));
  }
}
