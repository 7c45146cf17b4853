import { CancellationScope, CancelledFailure, condition, isCancellation, setHandler } from '@temporalio/workflow';
import type { Ending, RunWishes } from '../../activities/experiment/records.ts';
import { failureText, failureType, lookUp } from '../shared/activities.ts';
import { runChangedSignal } from '../shared/messages.ts';
import type { RunProgress } from './progress.ts';

const EXPIRED: Ending = {
  by: 'supplant',
  reason: 'its TTL was over before everything was probed',
  outcome: 'expired',
};

const CANCELLED: Ending = { by: 'supplant', reason: 'cancelled in Temporal', outcome: 'stopped' };

/** Why a run ends, in one line; nothing of one that is as it was to be. */
export function describeEnding({ by, reason, outcome }: Ending): string | undefined {
  if (outcome === 'stopped' && by !== 'supplant') return `stopped by ${by}${reason === undefined ? '' : `: ${reason}`}`;
  return reason;
}

/** What ends a run before its time, or lets it go on for longer. The record says so; a message only says that it does. */
export class RunControls {
  readonly #attempt = new CancellationScope();
  #changes = 0;
  #ending: Ending | undefined;
  #hold: 'none' | 'holding' | 'over' = 'none';

  constructor() {
    setHandler(runChangedSignal, () => void (this.#changes += 1), {
      description:
        'Has it look at its record: to be stopped, to last longer, or to begin. Not for people; use the CLI or the API.',
    });
  }

  /** How often it was told that something has changed. Taken before a look at the record, which may miss what follows. */
  get changes(): number {
    return this.#changes;
  }

  /** Waits until it is told more often than that, or for so long. */
  async changed(seen: number, limitMs: number, summary: string): Promise<void> {
    await condition(() => this.#changes > seen, limitMs, { summary });
  }

  /** Carries out what can be called off: by the record, at the deadline, and by whoever cancels the workflow. */
  async attempt<T>(progress: RunProgress, body: () => Promise<T>): Promise<T> {
    const watching = new CancellationScope();
    const watch = watching.run(() => this.#watch(progress)).catch((error: unknown) => this.#lost(error));
    try {
      const result = await this.#attempt.run(body);
      // The last step may have finished although it was called off.
      if (this.#attempt.consideredCancelled) throw new CancelledFailure('called off');
      return result;
    } finally {
      watching.cancel();
      await watch;
    }
  }

  /** Until its time is over, which is no failure here. */
  async holdOut(): Promise<void> {
    this.#hold = 'holding';
    await condition(() => this.#hold === 'over');
  }

  /** Why it was called off, in words; undefined where it was not, or by whoever cancels the workflow. */
  get calledOff(): string | undefined {
    return this.#ending && describeEnding(this.#ending);
  }

  /** Why what can be called off did not come to its end. */
  explain(error: unknown, { status }: RunProgress): Ending {
    if (this.#ending) return this.#ending;
    if (isCancellation(error)) return CANCELLED;
    const isLate = Date.parse(status.deadlineAt) <= Date.now();
    if (failureType(error) === 'LeaseOver' && isLate) return EXPIRED;
    const failed = { by: 'supplant', reason: failureText(error), outcome: 'failed' } as const;
    return failureType(error) === 'RollbackFailed' ? { ...failed, disproves: true } : failed;
  }

  async #watch(progress: RunProgress): Promise<void> {
    for (let seen = 0; ;) {
      const left = Date.parse(progress.status.deadlineAt) - Date.now();
      await this.changed(seen, Math.max(1, left), 'its stacks are destroyed by then');
      seen = this.#changes;
      const { experiment, run } = progress.status;
      const wishes = await lookUp('readRun', 'what is wanted of it?', [{ ref: { experiment, run } }]);
      progress.extend(wishes.deadlineAt);
      const ending = this.#findEnding(wishes);
      if (!ending) continue;
      if (ending === EXPIRED && this.#hold === 'holding') this.#hold = 'over';
      else this.#callOff(ending);
      return;
    }
  }

  #findEnding({ isOver, stop, deadlineAt }: RunWishes): Ending | undefined {
    if (isOver) return { by: 'supplant', reason: 'by its record it is over', outcome: 'lost' };
    return stop ?? (Date.parse(deadlineAt) > Date.now() ? undefined : EXPIRED);
  }

  #callOff(ending: Ending): void {
    this.#ending ??= ending;
    this.#attempt.cancel();
  }

  /** Nobody looks at the record any more: that it cannot be read for good ends the run, too. */
  #lost(error: unknown): void {
    if (isCancellation(error)) return;
    this.#callOff({ by: 'supplant', reason: failureText(error), outcome: 'failed' });
  }
}
