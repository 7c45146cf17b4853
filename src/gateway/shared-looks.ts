import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Many who ask for the same thing at the same time are answered by one look, which began after each of them had asked:
 * nobody is shown what was before something they have been told of.
 */
export class SharedLooks<T> {
  readonly #gatherMs: number;
  readonly #running = new Map<string, Promise<T>>();
  /** Those that have not begun: who asks now shares them. */
  readonly #next = new Map<string, Promise<T>>();

  /** @param gatherMs how long a look waits for others who want it, in milliseconds */
  constructor(gatherMs = 0) {
    this.#gatherMs = gatherMs;
  }

  look(key: string, ask: () => Promise<T>): Promise<T> {
    const waiting = this.#next.get(key);
    if (waiting) return waiting;
    const due = this.#findDue(this.#running.get(key));
    if (!due) return this.#begin(key, ask);
    const begin = (): Promise<T> => {
      this.#next.delete(key);
      return this.#begin(key, ask);
    };
    const next = due.then(begin, begin);
    this.#next.set(key, next);
    return next;
  }

  /** Once the look before is over, and others have had time to join; undefined for at once. */
  #findDue(running: Promise<T> | undefined): Promise<unknown> | undefined {
    if (this.#gatherMs === 0) return running;
    return Promise.allSettled([sleep(this.#gatherMs), running]);
  }

  #begin(key: string, ask: () => Promise<T>): Promise<T> {
    const look = ask();
    this.#running.set(key, look);
    const over = (): void => {
      if (this.#running.get(key) === look) this.#running.delete(key);
    };
    look.then(over, over);
    return look;
  }
}
