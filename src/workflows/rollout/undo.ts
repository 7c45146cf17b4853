/** What puts a rollout's steps back. Noted before each step, since a failed step may have been half done. */
export class Undo {
  readonly #steps: (() => Promise<void>)[] = [];

  push(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** What was done stays. */
  forget(): void {
    this.#steps.length = 0;
  }

  /** Latest first. */
  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) await step();
  }
}
