/** Something that is tried again and again: what keeps it from working is said once, until it has worked again. */
export class LogOnce {
  readonly #say: (error: string) => void;
  #isSaid = false;

  constructor(say: (error: string) => void) {
    this.#say = say;
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
