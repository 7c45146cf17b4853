import { ApplicationFailure, CancellationScope, CancelledFailure, condition, setHandler } from '@temporalio/workflow';
import type { Phase } from '../domain/rollout.ts';
import { type RolloutVerb, type Stage, VERB_TABLE, answer } from '../domain/verbs.ts';
import { type ActArgs, rolloutUpdates, supersedeSignal } from './messages.ts';
import type { Progress } from './progress.ts';

/** A pause ends by itself after this: a forgotten one must not keep a second stack for ever. */
const PAUSE_LIMIT_MS = 24 * 60 * 60 * 1000;

/** What people do to a running rollout. The table in the domain says what is legal; this carries it out. */
export class Controls {
  readonly #progress: Progress;
  readonly #attempt = new CancellationScope();
  #bake: CancellationScope | undefined;
  #paused = false;
  #promoted = false;
  #aborted: string | undefined;
  #superseded: string | undefined;
  #committed = false;
  #puttingBack: Stage | undefined;
  #closed = false;

  constructor(progress: Progress) {
    this.#progress = progress;
    this.#handle('promote', () => {
      this.#promoted = true;
      this.#pause(false);
      this.#bake?.cancel();
    });
    this.#handle('pause', () => this.#pause(true));
    this.#handle('resume', () => this.#pause(false));
    this.#handle('abort', (by) => this.#abort(`aborted by ${by.actor}${by.reason ? `: ${by.reason}` : ''}`));
    this.#handle('retry', () => undefined);
    this.#handle('approve', () => undefined);
    setHandler(supersedeSignal, (because) => this.#supersede(because), {
      description: 'From the service; not for people',
    });
  }

  /** Why the rollout was aborted; undefined when it was not. */
  get aborted(): string | undefined {
    return this.#aborted;
  }

  /** Carries out what can be aborted. A cancelled workflow counts as aborted too. */
  async abortable<T>(body: () => Promise<T>): Promise<T> {
    try {
      const result = await this.#attempt.run(body);
      // The last step may have finished although it was called off.
      if (this.#attempt.consideredCancelled) throw new CancelledFailure('called off');
      return result;
    } catch (error) {
      if (this.#aborted === undefined && this.#attempt.consideredCancelled) this.#aborted = 'cancelled';
      throw error;
    }
  }

  /** From here on the rollout goes on to its end, or back, whatever is asked. */
  commit(): void {
    this.#committed = true;
    this.#pause(false);
  }

  /** From here on everything is put back; verbs are answered as where that began. */
  putBack(): void {
    this.#puttingBack = this.#stage();
    this.#pause(false);
  }

  close(): void {
    this.#closed = true;
  }

  /** A bake that `promote` ends early. Returns undefined when it did. */
  async promotable<T>(body: () => Promise<T>): Promise<T | undefined> {
    const scope = new CancellationScope();
    this.#bake = scope;
    try {
      return await scope.run(body);
    } catch (error) {
      if (this.#promoted && this.#aborted === undefined && !this.#attempt.consideredCancelled) return undefined;
      throw error;
    } finally {
      this.#bake = undefined;
    }
  }

  /** Nothing is half done here: a rollout that was superseded ends, a paused one holds. */
  async safePoint(next: Phase): Promise<void> {
    if (this.#committed || this.#puttingBack) return;
    if (this.#paused) await this.#hold(next);
    if (this.#superseded !== undefined) throw this.#giveUp(this.#superseded);
  }

  async #hold(next: Phase): Promise<void> {
    const since = new Date();
    this.#progress.wait({
      on: `resume; paused before ${next}`,
      since: since.toISOString(),
      until: new Date(since.getTime() + PAUSE_LIMIT_MS).toISOString(),
      endedBy: 'resume or abort',
      then: 'the rollout is put back',
    });
    try {
      const goOn = (): boolean => !this.#paused || this.#superseded !== undefined;
      if (await condition(goOn, PAUSE_LIMIT_MS, { summary: 'a pause ends here by itself' })) return;
    } finally {
      this.#progress.wait(undefined);
    }
    throw this.#giveUp('paused for 24 hours without being resumed');
  }

  #giveUp(because: string): ApplicationFailure {
    this.#aborted = because;
    return ApplicationFailure.create({ type: 'Aborted', message: because });
  }

  /** A bake is all one safe point. */
  #supersede(because: string): void {
    this.#superseded = because;
    if (!this.#bake || this.#committed || this.#puttingBack) return;
    this.#abort(because);
  }

  #handle(verb: RolloutVerb, act: (by: ActArgs) => void): void {
    setHandler(
      rolloutUpdates[verb],
      (by?: ActArgs) => {
        const { effect } = this.#ask(verb);
        act(by ?? { actor: 'Temporal UI' });
        return effect;
      },
      {
        description: VERB_DESCRIPTIONS[verb],
        validator: (_by?: ActArgs) => {
          this.#ask(verb);
        },
      },
    );
  }

  #ask(verb: RolloutVerb): { effect: string } {
    const stage = this.#stage();
    const aborting = this.#puttingBack !== undefined || this.#attempt.consideredCancelled;
    const rule = answer(verb, stage, { paused: this.#paused, aborting });
    if (rule.legal) return rule;
    throw ApplicationFailure.create({
      type: 'Refused',
      message: `cannot ${verb} in phase ${stage}: ${rule.reason}`,
      nonRetryable: true,
    });
  }

  #stage(): Stage {
    if (this.#closed) return 'closed';
    if (this.#puttingBack) return this.#puttingBack;
    const { phase } = this.#progress.status;
    return this.#committed && phase !== 'teardown' ? 'settle' : phase;
  }

  #pause(paused: boolean): void {
    this.#paused = paused;
    if (this.#progress.status.paused !== paused) this.#progress.pause(paused);
  }

  #abort(because: string): void {
    this.#aborted = because;
    this.#paused = false;
    this.#attempt.cancel();
  }
}

const before = (verb: RolloutVerb): string => {
  const rule = VERB_TABLE.validate[verb];
  return rule.legal ? rule.effect : rule.reason;
};

/** Shown in the Temporal UI's update dialog. */
const VERB_DESCRIPTIONS: Record<RolloutVerb, string> = {
  promote: 'Ends the bake now and settles on the new revision. Refused before the checks have passed.',
  pause: `Pause: ${before('pause')}. Ends by itself after 24 hours by putting everything back.`,
  resume: 'Goes on after a pause.',
  abort: 'Puts everything back: traffic to the previous revision first, then the new stack is destroyed.',
  retry: `Answered in every phase: ${before('retry')}.`,
  approve: `Answered in every phase: ${before('approve')}.`,
};
