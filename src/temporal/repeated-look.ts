/** What a worker does again and again as long as it runs, with a pause after each time. Never keeps its process alive. */
export class RepeatedLook implements Disposable {
  readonly #look: () => Promise<void>;
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param look never fails @param firstMs before the first time, in milliseconds */
  constructor(look: () => Promise<void>, { everyMs, firstMs }: { everyMs: number; firstMs: number }) {
    this.#look = look;
    this.#everyMs = everyMs;
    this.#lookIn(firstMs);
  }

  #lookIn(ms: number): void {
    this.#timer = setTimeout(() => {
      void this.#look().then(() => {
        if (this.#timer) this.#lookIn(this.#everyMs);
      });
    }, ms).unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
