import { Mutex } from '../../domain/mutex.ts';

/**
 * One after the other within this process, so that those who write do not take the connections of those who read only
 * to wait for the one lock on them.
 */
export class WriteQueue {
  readonly #patienceMs: number;
  readonly #mutex = new Mutex();
  #failed: { at: number; error: unknown } | undefined;

  /** @param patienceMs how long work takes that fails because nobody answers */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** @param isNobodyThere whether the next one would fail with the same error, after as long a wait */
  take<T>(work: () => Promise<T>, isNobodyThere: (error: unknown) => boolean): Promise<T> {
    const asked = performance.now();
    return this.#mutex.run(async () => {
      const failed = this.#failed;
      // Who has waited as long as the one who failed just now need not wait as long again.
      if (failed && failed.at > asked && performance.now() - asked >= this.#patienceMs) throw failed.error;
      try {
        return await work();
      } catch (error) {
        if (isNobodyThere(error)) this.#failed = { at: performance.now(), error };
        throw error;
      }
    });
  }
}
