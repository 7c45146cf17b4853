import { ApplicationFailure, CancellationScope, CancelledFailure, condition, setHandler } from '@temporalio/workflow';
import { describeApproval } from '../../domain/gates/status.ts';
import type { FreezeDecision } from '../../domain/rollback/aftermath.ts';
import type { Freeze, Phase } from '../../domain/rollout/rollout.ts';
import { type RolloutVerb, type VerbFacts, findStage } from '../../domain/rollout/verbs.ts';
import type { PutBackStage, RolloutRef } from '../../domain/service/requests.ts';
import { isStepInPlace, untilNothingInPlace } from '../shared/activities.ts';
import { stillThereSignal, stopsChangedSignal, supersedeSignal } from '../shared/messages.ts';
import { createRefusedFailure, requireClaimable } from './asking.ts';
import { Demands } from './demands.ts';
import { type FreezeTerms, FrozenWait } from './frozen-wait.ts';
import type { GateKeeper } from './gate-keeper.ts';
import type { Progress } from './progress.ts';
import { reportPutBack } from './put-back-report.ts';
import { Superseding } from './superseding.ts';
import { type VerbDeed, findStanding, handleVerb } from './verb-handler.ts';

/** A pause ends by itself after this: a forgotten one must not keep a second stack for ever. */
const PAUSE_LIMIT_MS = 24 * 60 * 60 * 1000;

/** What people do to a running rollout. The table in the domain says what is legal; this carries it out. */
export class Controls {
  readonly #progress: Progress;
  readonly #ref: RolloutRef;
  readonly #gates: GateKeeper;
  readonly #attempt = new CancellationScope();
  readonly #demands = new Demands();
  readonly #superseding: Superseding;
  readonly #frozen: FrozenWait;
  #bake: { scope: CancellationScope; isPromoted: boolean } | undefined;
  /** Waits in which nothing is half done. */
  #safeWaits = 0;
  #isFull = false;
  #paused = false;
  #aborted: string | undefined;
  #abortedBy: string | undefined;
  #committed = false;
  #puttingBack: Phase | undefined;
  #closed = false;
  readonly #mayGoBack: boolean;

  /** @param mayGoBack whether the rollout gives traffic back by itself */
  constructor(progress: Progress, ref: RolloutRef, gates: GateKeeper, mayGoBack: boolean) {
    this.#progress = progress;
    this.#ref = ref;
    this.#gates = gates;
    this.#mayGoBack = mayGoBack;
    this.#superseding = new Superseding(ref);
    this.#frozen = new FrozenWait(progress);
    this.#handle('promote', ({ full, breakGlass, actor, reason = '' }) => {
      this.#pause(false);
      this.#isFull ||= full === true;
      if (breakGlass) gates.breakGlass({ actor, reason, at: new Date().toISOString() });
      this.#frozen.decide('promote');
      if (!this.#bake) return;
      this.#bake.isPromoted = true;
      this.#bake.scope.cancel();
    });
    this.#handle('pause', () => this.#pause(true));
    this.#handle('resume', () => this.#pause(false));
    this.#handle('abort', async (by) => {
      if (by.demanded && this.#staysPut) {
        this.#pause(false);
        this.#demands.make(`${by.actor} demands its end${by.reason ? `: ${by.reason}` : ''}`);
        return;
      }
      this.#abortedBy = by.actor;
      this.#abort(`aborted by ${by.actor}${by.reason ? `: ${by.reason}` : ''}`);
      // Before it is answered: what is applied from then on is not measured against this rollout.
      await this.#report();
    });
    this.#handle('retry', () => this.#frozen.decide('retry'));
    this.#handle(
      'approve',
      (by) => {
        const refusal = gates.approve(by);
        if (refusal !== undefined) throw createRefusedFailure('approve', findStage(this.#facts), refusal);
      },
      ({ actor }) => describeApproval(gates.statuses, actor),
    );
    this.#handle('reject', async (by) => {
      if (by.claimed) requireClaimable('reject', findStanding(this.#facts));
      const because = `rejected by ${by.actor}${by.reason ? `: ${by.reason}` : ''}`;
      gates.reject(because);
      this.#abort(because);
      await this.#report();
    });
    setHandler(stopsChangedSignal, () => inTurn(() => gates.suspectStop()), {
      description: 'From a gateway: changes were stopped, or are so no more, which the record says; not for people',
    });
    setHandler(supersedeSignal, (message) => this.#superseding.hear(message, () => this.#followSuperseding()), {
      description: 'From the service; not for people',
    });
    setHandler(stillThereSignal, () => inTurn(() => this.#report()), {
      description: 'From a service that was started afresh; not for people',
    });
  }

  /** Why the rollout was aborted; undefined when it was not. */
  get aborted(): string | undefined {
    return this.#aborted;
  }

  /** Who aborted the rollout; undefined where nobody did by name. */
  get abortedBy(): string | undefined {
    return this.#abortedBy;
  }

  /** All traffic is to move at once, whatever steps are left. */
  get isPromotedInFull(): boolean {
    return this.#isFull;
  }

  /** The phase since which it is being put back; undefined where it is not, or is over. */
  get undoing(): Phase | undefined {
    if (this.#progress.status.outcome) return undefined;
    // From the moment that it gives up, whatever is looked up before anything is put back.
    const isGivenUp = this.#attempt.consideredCancelled || (this.#aborted !== undefined && !this.#committed);
    return this.#puttingBack ?? (isGivenUp ? this.#phase : undefined);
  }

  /** What was done is being undone. */
  get isPuttingBack(): boolean {
    return this.#puttingBack !== undefined;
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

  /** From here on everything is put back, which its service knows first; verbs are answered as where that began. */
  async putBack(): Promise<void> {
    this.#puttingBack = this.#phase;
    this.#pause(false);
    await this.#report();
  }

  close(): void {
    this.#closed = true;
  }

  /** Carries out what fails where what watches the service demands that, and the rollout does not go back by itself. */
  demandable<T>(body: () => Promise<T>): Promise<T> {
    return this.#demands.heed(body);
  }

  /** Why what is under way is called off; undefined where it is not. */
  get calledOffBecause(): string | undefined {
    return this.#aborted ?? this.#demands.because;
  }

  /** A bake that `promote` ends early. Returns undefined when it did. */
  async promotable<T>(body: () => Promise<T>): Promise<T | undefined> {
    // Of this one alone: the bake of an earlier step may have been promoted, too.
    const bake = { scope: new CancellationScope(), isPromoted: false };
    this.#bake = bake;
    try {
      return await bake.scope.run(body);
    } catch (error) {
      if (bake.isPromoted && this.#aborted === undefined && !this.#attempt.consideredCancelled) return undefined;
      throw error;
    } finally {
      this.#bake = undefined;
    }
  }

  /** A wait that is all one safe point: a rollout that is superseded meanwhile ends. */
  async whileSafe<T>(body: () => Promise<T>): Promise<T> {
    this.#endIfLeft();
    this.#safeWaits += 1;
    try {
      return await body();
    } finally {
      this.#safeWaits -= 1;
    }
  }

  /** Somebody wants something that is done at a safe point. */
  get wantsSafePoint(): boolean {
    return this.#paused || this.#superseding.isLookedUp || this.leaving !== undefined;
  }

  /** Nothing is to be done any more but to put everything back. */
  get isCalledOff(): boolean {
    return this.#attempt.consideredCancelled || (this.#aborted ?? this.leaving) !== undefined;
  }

  /** Nothing is half done here: a rollout that was superseded ends, a paused one holds. Returns whether it has held. */
  async safePoint(next: Phase): Promise<boolean> {
    if (!this.#isOpenToChange) return false;
    if (this.#superseding.isLookedUp) await this.#superseding.untilLookedUp();
    const isHeld = this.#paused;
    if (isHeld) await this.#hold(next);
    this.#endIfLeft();
    return isHeld;
  }

  /** All stays as it is until somebody decides, or the wait is over. */
  async freeze(frozen: Freeze, terms: FreezeTerms): Promise<FreezeDecision> {
    const decided = await this.#frozen.wait(frozen, terms, () => this.leaving !== undefined);
    if (decided) return decided;
    this.#endIfLeft();
    if (terms.then === 'promote') return 'promote';
    throw this.#giveUp(`frozen until ${terms.until}, and nobody has decided; it failed since ${frozen.because}`);
  }

  /**
   * Why the rollout is to be put back for another one's sake; undefined where it is not. A rollback that has moved traffic goes to its
   * end first: the other one would begin with what was fled from.
   */
  get leaving(): string | undefined {
    const isKept = this.#progress.status.kind === 'rollback' && this.#progress.hasTraffic;
    return isKept ? undefined : this.#superseding.because;
  }

  /** It is neither settled on nor put back. */
  get #isOpenToChange(): boolean {
    return !this.#committed && this.#puttingBack === undefined;
  }

  /** Another rollout takes its place: nothing follows here any more. */
  #endIfLeft(): void {
    const { leaving } = this;
    if (leaving !== undefined && this.#isOpenToChange) throw this.#giveUp(leaving);
  }

  async #hold(next: Phase): Promise<void> {
    const since = new Date();
    this.#progress.holdPaused({
      on: `resume; paused before ${next}`,
      since: since.toISOString(),
      until: new Date(since.getTime() + PAUSE_LIMIT_MS).toISOString(),
      endedBy: 'resume or abort',
      then: this.#staysPut ? 'the rollout is frozen until somebody decides' : 'the rollout is put back',
    });
    try {
      const goOn = (): boolean => !this.#paused || this.leaving !== undefined;
      if (await condition(goOn, PAUSE_LIMIT_MS, { summary: 'a pause ends here by itself' })) return;
    } finally {
      this.#progress.holdPaused(undefined);
    }
    const forgotten = 'paused for 24 hours without being resumed';
    if (!this.#staysPut) throw this.#giveUp(forgotten);
    this.#pause(false);
    throw ApplicationFailure.create({ type: 'Forgotten', message: forgotten });
  }

  /** Traffic has moved, and is not given back by itself. */
  get #staysPut(): boolean {
    return !this.#mayGoBack && this.#progress.hasTraffic;
  }

  #giveUp(because: string): ApplicationFailure {
    this.#aborted = because;
    return ApplicationFailure.create({ type: 'Aborted', message: because });
  }

  /** A bake is all one safe point, and so are other waits. */
  #followSuperseding(): void {
    const { leaving } = this;
    const isSafe = this.#bake !== undefined || this.#safeWaits > 0;
    if (isSafe && this.#isOpenToChange && leaving !== undefined) this.#abort(leaving);
  }

  /** Where it is put back, or is to be. */
  async #report(): Promise<void> {
    if (this.#closed) return;
    const asked = (this.#aborted ?? this.leaving) !== undefined && !this.#committed;
    const stage: PutBackStage | undefined = this.#puttingBack ? 'begun' : asked ? 'asked' : undefined;
    if (stage) await reportPutBack(this.#ref, stage, this.#aborted ?? this.leaving);
  }

  /** What `describe` makes of it is answered; what the table says, without it. */
  #handle(verb: RolloutVerb, act: VerbDeed['act'], describe?: VerbDeed['describe']): void {
    handleVerb({ ref: this.#ref, facts: () => this.#facts }, verb, { act, ...(describe ? { describe } : {}) });
  }

  /** What decides what is said to a verb. */
  get #facts(): VerbFacts {
    const { outcome, frozen } = this.#progress.status;
    const { undoing } = this;
    return {
      phase: this.#phase,
      paused: this.#paused,
      gates: this.#gates.statuses,
      ...(undoing ? { undoing } : {}),
      ...(frozen ? { frozen } : {}),
      ...(this.#staysPut ? { staysPut: true } : {}),
      ...(outcome ? { outcome } : {}),
    };
  }

  get #phase(): Phase {
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

/** At once, in the same turn, where no step is in place. */
function inTurn(act: () => void | Promise<void>): void | Promise<void> {
  return isStepInPlace() ? untilNothingInPlace().then(act) : act();
}
