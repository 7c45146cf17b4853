import { setHandler } from '@temporalio/workflow';
import type { RequestCounts } from '../../domain/evidence/bake-counts.ts';
import type { HookMoment, HookRef } from '../../domain/hooks/hook.ts';
import { isPreviewed } from '../../domain/rollout/choose-preview.ts';
import { type EditionRule, isRuleOf } from '../../domain/rollout/edition.ts';
import { type PlannedStep, fitPlan } from '../../domain/rollout/plan.ts';
import type { RolloutInput, RolloutRef } from '../../domain/service/requests.ts';
import { mayGoBack } from '../../domain/rollback/aftermath.ts';
import type { Hold } from '../../domain/rollback/hold.ts';
import type { Endpoint } from '../../domain/service/revision.ts';
import type { KnownRollback } from '../../domain/rollback/verdict.ts';
import type { RouterSpec } from '../../domain/service/service.ts';
import { pickJudges } from '../../domain/service/strategy.ts';
import type { Phase, RolloutOutcome } from '../../domain/rollout/rollout.ts';
import { type DeployedRevision, withoutRevisions } from '../../domain/service/revision-set.ts';
import { computeRolloutGeneration } from '../../domain/traffic/generation.ts';
import type { RolloutStatus } from '../../domain/rollout/status.ts';
import { Baseline } from './baseline.ts';
import { Controls } from './controls.ts';
import { GateKeeper } from './gate-keeper.ts';
import { rolloutStatusQuery } from '../shared/messages.ts';
import { callHooks } from './hooks.ts';
import { Progress } from './progress.ts';
import { failureText } from '../shared/activities.ts';
import { Undo } from './undo.ts';

/** What all phases of one rollout share. */
export class RolloutContext {
  input: RolloutInput;
  readonly ref: RolloutRef;
  readonly progress: Progress;
  readonly gates: GateKeeper;
  readonly controls: Controls;
  readonly undo = new Undo();
  /** Where the revision to make live can be reached, once that is known. */
  candidate: DeployedRevision | undefined;
  /** What the candidate is compared with, where that is made for it. */
  readonly baseline: Baseline | undefined;
  /** How it ended, where that is recorded already: an end is told once. */
  recordedOutcome: RolloutOutcome | undefined;
  /** What the router had counted of each revision when traffic moved last: what a bake's counts are held against. */
  countedAtShift: ReadonlyMap<number, RequestCounts | undefined> = new Map();
  /** What the analyses of its steps have found together, as far as errors go. */
  analysisWorth = 0;
  /** What its release is to blame for, where it was rolled back for that. */
  blame: Hold | undefined;
  /** How often it failed and waited for a person. */
  freezes = 0;
  /** How often what is under way was begun anew after it had failed. */
  retries = 0;
  /** Somebody has said that what failed there counts as passed. */
  isPassedOver = false;
  /** Where clients connect, once the route was written. */
  address: Endpoint | undefined;
  /** The new revision may have had requests. */
  exposed = false;
  /** Of these, only requests that asked for it by name: it had no traffic. */
  isOnlyInspected = false;
  /** The new revision was put into the route without traffic, to be looked at at the preview address. */
  isPreviewed = false;
  /** It has written the route: what it finds there from then on is its own. */
  hasWritten = false;
  /** The names of the candidate's checks, once it is known. */
  checks: string[] = [];
  /** How long they may take, in milliseconds. */
  checksMs = 0;
  /** What a drill has found out about going back from it to what is live. */
  rollback: KnownRollback | undefined;
  /** The webhooks that it calls, once they are known. */
  hooks: HookRef[] = [];
  /** Calls of which nothing is waited for but that they were made. */
  readonly told: Promise<void>[] = [];
  /** The step that is carried out. */
  currentStep: Pick<PlannedStep, 'number' | 'of' | 'weight'> | undefined;
  /** It is recorded as begun. */
  isOpen = false;
  /** See `ROLLOUT_EDITION`. */
  edition = 0;
  #routeWrites = 0;

  constructor(input: RolloutInput) {
    this.input = input;
    this.ref = { service: input.service, number: input.number, actor: input.actor };
    const { baseline, revisionSet } = input;
    if (baseline && revisionSet.live) this.baseline = new Baseline(baseline, revisionSet.live.revision.number);
    this.progress = new Progress(input);
    this.gates = new GateKeeper(this.progress, input);
    const mayGiveBack = mayGoBack(input.kind, input.settings.freezeOnFail);
    this.controls = new Controls(this.progress, this.ref, this.gates, mayGiveBack);
    setHandler(rolloutStatusQuery, () => this.status, {
      description: 'Where the rollout is, what it waits for, what its checks found',
    });
  }

  /** As people see it. */
  get status(): RolloutStatus {
    const { undoing } = this.controls;
    return { ...this.progress.status, ...(undoing ? { undoing } : {}) };
  }

  /** Whether it goes about gates and freezes like this, which rollouts that were begun by older workers do not. */
  keepsRule(rule: EditionRule): boolean {
    return isRuleOf(this.edition, rule);
  }

  /** Where the service's traffic is split. */
  get router(): RouterSpec {
    return this.input.settings.router;
  }

  /** For what settles: whether contracts may follow from it, or be called off. */
  get contractTask(): { touchesContracts?: true } {
    const { hasContracts, settings } = this.input;
    return hasContracts || settings.migrations?.contract ? { touchesContracts: true } : {};
  }

  /** Revisions that it was told of do not stand any more. */
  without(gone: readonly number[]): void {
    if (gone.length > 0) this.input = { ...this.input, revisionSet: withoutRevisions(this.input.revisionSet, gone) };
  }

  /** One phase, begun at a safe point. What `body` returns as a note is shown beside it. */
  async phase<T>(phase: Phase, body: (say: (note: string) => void) => Promise<T>): Promise<T> {
    await this.controls.safePoint(phase);
    // Those before it have been called where it could still be put back.
    if (phase !== 'settle') await this.callHooks('before', phase);
    const result = await this.#carryOut(phase, body);
    await this.callHooks('after', phase);
    return result;
  }

  /** What was asked for while hooks were waited for counts before anything follows. */
  async callHooks(moment: HookMoment, phase: Phase): Promise<void> {
    const hasWaited = this.hooks.length > 0 && (await callHooks(this, moment, phase));
    if (hasWaited && moment === 'before') await this.controls.safePoint(phase);
  }

  async #carryOut<T>(phase: Phase, body: (say: (note: string) => void) => Promise<T>): Promise<T> {
    this.progress.begin(phase);
    try {
      const result = await body((note) => this.progress.note(phase, note));
      this.progress.end(phase, 'done');
      return result;
    } catch (error) {
      this.progress.end(phase, 'failed', this.controls.calledOffBecause ?? failureText(error));
      throw error;
    }
  }

  /** One step of the plan. What `body` returns as a note is shown beside it. */
  async step(number: number, body: () => Promise<string | undefined>): Promise<void> {
    this.progress.beginStep(number);
    try {
      this.progress.endStep(number, 'done', await body());
    } catch (error) {
      this.progress.endStep(number, 'failed', this.controls.calledOffBecause ?? failureText(error));
      throw error;
    }
  }

  skip(phases: readonly Phase[], note: string): void {
    for (const phase of phases) this.progress.skip(phase, note);
  }

  /** The steps in which traffic moves to the candidate, as things stand; shown from here on. */
  planSteps(isWarm: boolean): PlannedStep[] {
    const { kind, plan, revisionSet, settings, inSteps } = this.input;
    const judges = pickJudges(settings.strategy);
    const steps = fitPlan(plan, {
      isAtOnce: isWarm && inSteps === undefined,
      hasPrevious: revisionSet.live !== undefined,
      isBack: kind === 'rollback',
      judges,
    });
    const hasPreview = !isWarm && isPreviewed(kind, settings.strategy);
    this.progress.plan(steps, settings.router, { hasBaseline: this.baseline !== undefined, hasPreview });
    return steps;
  }

  /** Route writes, as far as this workflow knows. */
  get routeWrites(): number {
    return this.#routeWrites;
  }

  /** So many were made, whatever this workflow knows of it: their generations are taken. */
  countRouteWrites(made: number): void {
    this.#routeWrites = Math.max(this.#routeWrites, made);
  }

  nextGeneration(): number {
    this.#routeWrites += 1;
    return computeRolloutGeneration(this.input.number, this.#routeWrites);
  }
}
