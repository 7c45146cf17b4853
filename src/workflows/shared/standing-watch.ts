import { ActivityFailure, CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/** Between two looks at what somebody waits for, in milliseconds: the first, and what it doubles to. */
const LOOK_MS = 2_000;
const LONGEST_LOOK_MS = 30_000;

export interface StandingWatchOptions<Standing> {
  /** For people: `host a-1f2e`. */
  what: string;
  look: () => Promise<Standing>;
  /** Whether it is what the work waits for, which is then explained. */
  isTrouble: (standing: Standing) => boolean;
  /** Told at every look: how it is while it is trouble, and nothing where it is none, or nobody waits any more. */
  explain: (standing: Standing | undefined) => void | Promise<void>;
  /** Asked at every look but the first: whether the work is to be called off. */
  isOver: (standing: Standing) => boolean;
  /** How long it cannot become trouble, in milliseconds, where that is known: then is when it is looked at next. */
  isFineFor?: (standing: Standing) => number | undefined;
}

/** Looks at something again and again while work waits for it. */
export class StandingWatch<Standing> {
  /** How it was when the watch ended the wait. */
  ended: Standing | undefined;
  readonly #options: StandingWatchOptions<Standing>;
  readonly #work = new CancellationScope();
  readonly #looks = new CancellationScope();
  #standing: Standing;

  constructor(first: Standing, options: StandingWatchOptions<Standing>) {
    this.#standing = first;
    this.#options = options;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    const looks = this.#looks.run(() => this.#lookOn()).catch((error: unknown) => this.#lost(error));
    try {
      return await this.#work.run(work);
    } finally {
      this.#looks.cancel();
      await looks;
      await this.#options.explain(undefined);
    }
  }

  async #lookOn(): Promise<void> {
    const { what, look, isTrouble, explain, isOver, isFineFor } = this.#options;
    let troubleMs = LOOK_MS;
    for (;;) {
      await explain(isTrouble(this.#standing) ? this.#standing : undefined);
      const fineMs = isFineFor?.(this.#standing);
      const pauseMs = fineMs === undefined ? troubleMs : Math.max(fineMs, LOOK_MS);
      troubleMs = fineMs === undefined ? Math.min(2 * troubleMs, LONGEST_LOOK_MS) : LOOK_MS;
      await sleep(pauseMs, { summary: `before another look at ${what}` });
      this.#standing = await look();
      if (!isOver(this.#standing)) continue;
      this.ended = this.#standing;
      this.#work.cancel();
      return;
    }
  }

  /** What waits goes on waiting; only nobody is told any more how that stands. */
  #lost(error: unknown): void {
    if (!isCancellation(error) && !(error instanceof ActivityFailure)) throw error;
  }
}
