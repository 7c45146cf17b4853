import { setHandler } from '@temporalio/workflow';
import type { RequestCounts } from '../../domain/evidence/bake-counts.ts';
import { type PlannedStep, fitPlan } from '../../domain/rollout/plan.ts';
import type { RolloutInput, RolloutRef } from '../../domain/service/requests.ts';
import type { Endpoint } from '../../domain/service/revision.ts';
import type { KnownRollback } from '../../domain/rollback/verdict.ts';
import type { RouterSpec } from '../../domain/service/service.ts';
import { pickJudges } from '../../domain/service/strategy.ts';
import type { Phase, RolloutOutcome } from '../../domain/rollout/rollout.ts';
import { type DeployedRevision, withoutRevisions } from '../../domain/service/revision-set.ts';
import { computeRolloutGeneration } from '../../domain/traffic/generation.ts';
import type { RolloutStatus } from '../../domain/rollout/status.ts';
import { Controls } from './controls.ts';
import { GateKeeper } from './gate-keeper.ts';
import { rolloutStatusQuery } from '../shared/messages.ts';
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
  /** How it ended, where that is recorded already: an end is told once. */
  recordedOutcome: RolloutOutcome | undefined;
  /** What the router had counted of the candidate when it got the traffic it has: what a bake's counts are held against. */
  countedAtShift: RequestCounts | undefined;
  /** What the analyses of its steps have found together, as far as errors go. */
  analysisWorth = 0;
  /** Where clients connect, once the route was written. */
  address: Endpoint | undefined;
  /** The new revision may have had requests. */
  exposed = false;
  /** Of these, only requests that asked for it by name: it had no traffic. */
  isOnlyInspected = false;
  /** It has written the route: what it finds there from then on is its own. */
  hasWritten = false;
  /** The names of the candidate's checks, once it is known. */
  checks: string[] = [];
  /** What a drill has found out about going back from it to what is live. */
  rollback: KnownRollback | undefined;
  /** It is recorded as begun. */
  isOpen = false;
  #routeWrites = 0;

  constructor(input: RolloutInput) {
    this.input = input;
    this.ref = { service: input.service, number: input.number, actor: input.actor };
    this.progress = new Progress(input);
    this.gates = new GateKeeper(this.progress, input);
    this.controls = new Controls(this.progress, this.ref, this.gates);
    setHandler(rolloutStatusQuery, () => this.status, {
      description: 'Where the rollout is, what it waits for, what its checks found',
    });
  }

  /** As people see it. */
  get status(): RolloutStatus {
    const { undoing } = this.controls;
    return { ...this.progress.status, ...(undoing ? { undoing } : {}) };
  }

  /** Where the service's traffic is split. */
  get router(): RouterSpec {
    return this.input.settings.router;
  }

  /** Revisions that it was told of do not stand any more. */
  without(gone: readonly number[]): void {
    if (gone.length > 0) this.input = { ...this.input, revisionSet: withoutRevisions(this.input.revisionSet, gone) };
  }

  /** One phase, begun at a safe point. What `body` returns as a note is shown beside it. */
  async phase<T>(phase: Phase, body: (say: (note: string) => void) => Promise<T>): Promise<T> {
    await this.controls.safePoint(phase);
    this.progress.begin(phase);
    try {
      const result = await body((note) => this.progress.note(phase, note));
      this.progress.end(phase, 'done');
      return result;
    } catch (error) {
      this.progress.end(phase, 'failed', this.controls.aborted ?? failureText(error));
      throw error;
    }
  }

  /** One step of the plan. What `body` returns as a note is shown beside it. */
  async step(number: number, body: () => Promise<string | undefined>): Promise<void> {
    this.progress.beginStep(number);
    try {
      this.progress.endStep(number, 'done', await body());
    } catch (error) {
      this.progress.endStep(number, 'failed', this.controls.aborted ?? failureText(error));
      throw error;
    }
  }

  skip(phases: readonly Phase[], note: string): void {
    for (const phase of phases) this.progress.skip(phase, note);
  }

  /** The steps in which traffic moves to the candidate, as things stand; shown from here on. */
  planSteps(isWarm: boolean): PlannedStep[] {
    const { kind, plan, revisionSet, settings } = this.input;
    const judges = pickJudges(settings.strategy);
    const steps = fitPlan(plan, {
      isWarm,
      hasPrevious: revisionSet.live !== undefined,
      isBack: kind === 'rollback',
      judges,
    });
    this.progress.plan(steps, settings.router);
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
