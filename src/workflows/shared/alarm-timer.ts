import { CancellationScope, condition, sleep } from '@temporalio/workflow';

/**
 * One timer for as long as its time stays the same, however often somebody is heard meanwhile: whoever is waited for cannot put
 * off the end of the wait by saying something, and whether something came before that end is a matter of the order of events.
 */
export class AlarmTimer {
  readonly #summary: string;
  #at: number | undefined;
  #hasFired = false;
  #scope: CancellationScope | undefined;

  /** @param summary what people read beside the timer */
  constructor(summary: string) {
    this.#summary = summary;
  }

  /**
   * Until that time, in milliseconds since 1970, or until `isTold`.
   *
   * @returns whether the timer has not fired yet
   */
  async wait(at: number, isTold: () => boolean): Promise<boolean> {
    if (this.#at !== at) this.#set(at);
    await condition(() => this.#hasFired || isTold());
    return !this.#hasFired;
  }

  stop(): void {
    this.#scope?.cancel();
    this.#at = undefined;
  }

  #set(at: number): void {
    this.stop();
    const scope = new CancellationScope();
    this.#scope = scope;
    this.#at = at;
    this.#hasFired = false;
    void scope
      .run(() => sleep(Math.max(1, at - Date.now()), { summary: this.#summary }))
      .then(
        () => (this.#hasFired = this.#scope === scope),
        () => undefined,
      );
  }
}
