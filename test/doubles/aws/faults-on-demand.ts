/** What a front does to a call instead of, or after, carrying it out. */
export type Trouble =
  /** Too many calls: `Throttling`, nothing is carried out. */
  | 'throttle'
  /** A server's error, nothing is carried out. */
  | 'fail'
  /** Carried out, and the connection is cut before the answer: the caller cannot know. */
  | 'lose-answer';

/** Faults that a test orders, each for so many calls of an action. */
export class FaultsOnDemand {
  readonly #ordered: { action: string; trouble: Trouble; times: number }[] = [];

  order(action: string, trouble: Trouble, times = 1): void {
    this.#ordered.push({ action, trouble, times });
  }

  /** None from now on. */
  forget(): void {
    this.#ordered.length = 0;
  }

  take(action: string): Trouble | undefined {
    const found = this.#ordered.find((each) => each.times > 0 && each.action === action);
    if (!found) return undefined;
    found.times -= 1;
    return found.trouble;
  }
}
