/** Lets one after the other do its work, in the order in which they asked. What one of them fails with stops no other. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();
  #asked = 0;

  /** Nobody is at work, nor waits for that. */
  get isFree(): boolean {
    return this.#asked === 0;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    this.#asked += 1;
    const result = this.#last.then(work).finally(() => (this.#asked -= 1));
    this.#last = result.catch(() => undefined);
    return result;
  }
}
