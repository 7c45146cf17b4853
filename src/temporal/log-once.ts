/** Something that is tried again and again: what keeps it from working is said once, until it has worked again. */
export class LogOnce {
  readonly #say: (error: string) => void;
  #isSaid = false;

  constructor(say: (error: string) => void) {
    this.#say = say;
  }

  /** Carries something out that is no failure of the caller's. */
  async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.over();
    } catch (error) {
      this.met(error);
    }
  }

  met(error: unknown): void {
    if (this.#isSaid) return;
    this.#isSaid = true;
    this.#say(String(error));
  }

  over(): void {
    this.#isSaid = false;
  }
}
