const SHORTEST_MS = 250;
const LONGEST_MS = 5000;

/**
 * How long to wait before looking again at what may have changed without a trace in the record, in milliseconds. Looks are
 * put off further while nothing changes, and fall on the same moments for all watchers, so that they can be shared.
 */
export class Backoff {
  #interval = SHORTEST_MS;

  changed(): void {
    this.#interval = SHORTEST_MS;
  }

  wait(): number {
    const interval = this.#interval;
    this.#interval = Math.min(LONGEST_MS, interval * 2);
    return interval - (Date.now() % interval);
  }
}
