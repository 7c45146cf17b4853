/** Tells those who are let in for long, such as watchers, that who may do what has changed. */
export class Rights {
  readonly #listeners = new Set<() => void>();

  /** The disposable stops it. */
  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
