/**
 * Many who ask for the same thing at the same time are answered by one look, which began after each of them had asked:
 * nobody is shown what was before something they have been told of.
 */
export class SharedLooks<T> {
  readonly #running = new Map<string, Promise<T>>();
  readonly #next = new Map<string, Promise<T>>();

  look(key: string, ask: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (!running) return this.#begin(key, ask);
    const waiting = this.#next.get(key);
    if (waiting) return waiting;
    const begin = (): Promise<T> => {
      this.#next.delete(key);
      return this.#begin(key, ask);
    };
    const next = running.then(begin, begin);
    this.#next.set(key, next);
    return next;
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
