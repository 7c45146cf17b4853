/**
 * One after the other within this process, so that those who write do not take the connections of those who read only
 * to wait for the one lock on them.
 */
export class Turns {
  readonly #patienceMs: number;
  #last: Promise<unknown> = Promise.resolve();
  #failed: { at: number; error: unknown } | undefined;

  /** @param patienceMs how long a turn takes that fails because nobody answers */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** @param isNobodyThere whether the next one would fail with the same error, after as long a wait */
  take<T>(work: () => Promise<T>, isNobodyThere: (error: unknown) => boolean): Promise<T> {
    const asked = performance.now();
    const turn = this.#last.then(async () => {
      const failed = this.#failed;
      // Who has waited as long as whoever failed just now need not wait as long again.
      if (failed && failed.at > asked && performance.now() - asked >= this.#patienceMs) throw failed.error;
      try {
        return await work();
      } catch (error) {
        if (isNobodyThere(error)) this.#failed = { at: performance.now(), error };
        throw error;
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
