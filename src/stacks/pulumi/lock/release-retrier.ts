import type { Log, StackId } from '../../blueprint.ts';

/** Between two attempts, in milliseconds. */
const AGAIN_MS = 1_000;

/**
 * Notes that stacks are free. On a full disk that has to wait for room; until it is noted, the claim of a living owner keeps
 * every other worker from the stack.
 */
export class ReleaseRetrier {
  readonly #isHeld: (id: StackId) => boolean;
  readonly #log: Log;
  readonly #timers = new Set<NodeJS.Timeout>();

  /** @param isHeld whether this process has taken the stack again, and will let go of it then */
  constructor(isHeld: (id: StackId) => boolean, log: Log) {
    this.#isHeld = isHeld;
    this.#log = log;
  }

  /** @param note writes it down */
  of(id: StackId, note: () => void): void {
    try {
      note();
    } catch (error) {
      this.#log('warn', `cannot note yet that ${id.stack} is free`, { reason: String(error) });
      this.#later(id, note);
    }
  }

  /** Gives up what is not noted: once the process is dead, its claims pass on. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #later(id: StackId, note: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#isHeld(id)) this.of(id, note);
    }, AGAIN_MS);
    timer.unref();
    this.#timers.add(timer);
  }
}
