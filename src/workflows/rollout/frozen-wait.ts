import { condition } from '@temporalio/workflow';
import { FREEZE_ENDS, type FreezeDecision } from '../../domain/rollback/aftermath.ts';
import type { Freeze } from '../../domain/rollout/rollout.ts';
import type { FreezeSpec } from '../../domain/service/service.ts';
import type { Progress } from './progress.ts';

/** How long a frozen rollout waits, in milliseconds and as ISO 8601, and what follows then. */
export interface FreezeTerms {
  limitMs: number;
  until: string;
  then: FreezeSpec['then'];
}

/** Where a rollout that has failed stays as it is until somebody decides. */
export class FrozenWait {
  readonly #progress: Progress;
  #open: { decided?: FreezeDecision } | undefined;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  /** Somebody decides; nothing where nothing is frozen. */
  decide(decided: FreezeDecision): void {
    if (this.#open) this.#open.decided = decided;
  }

  /**
   * @param isLeft whether it is not to wait any longer
   * @returns what was decided; undefined where nobody has, and the wait is over
   */
  async wait(
    frozen: Freeze,
    { limitMs, until, then }: FreezeTerms,
    isLeft: () => boolean,
  ): Promise<FreezeDecision | undefined> {
    const { because, since } = frozen;
    const own: { decided?: FreezeDecision } = {};
    this.#open = own;
    this.#progress.freeze(frozen);
    this.#progress.wait({
      ...{ on: `somebody to decide what becomes of this: ${because}`, since, until },
      endedBy: 'retry, promote or abort',
      then: FREEZE_ENDS[then],
    });
    try {
      const isOver = (): boolean => own.decided !== undefined || isLeft();
      await condition(isOver, limitMs, { summary: `frozen until somebody decides, ${until} at the latest` });
    } finally {
      this.#open = undefined;
      this.#progress.freeze(undefined);
      this.#progress.wait(undefined);
    }
    return own.decided;
  }
}
