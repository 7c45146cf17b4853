/** A timer takes no more. */
const LONGEST_MS = 2 ** 31 - 1;
/** So that a clock that is just not there yet does not keep it ringing. */
const SHORTEST_MS = 100;

/** Rings once at a time of day; early where that is weeks away, or the clock is set. */
export class Alarm implements Disposable {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** In place of what was set before; undefined: never. */
  set(at: Date | undefined): void {
    clearTimeout(this.#timer);
    if (!at || this.#isOver) return;
    const inMs = Math.min(Math.max(at.getTime() - Date.now(), SHORTEST_MS), LONGEST_MS);
    this.#timer = setTimeout(this.#ring, inMs).unref();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}
