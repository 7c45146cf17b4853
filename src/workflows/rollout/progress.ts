import { setCurrentDetails, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import type { RolloutVerdict } from '../../domain/evidence/checks.ts';
import { renderDetails } from '../../domain/rollout/details.ts';
import { ExposureMeter, outlinePlan } from '../../domain/rollout/exposure.ts';
import { type HookReport, addHookReport } from '../../domain/hooks/report.ts';
import type { PlannedStep } from '../../domain/rollout/plan.ts';
import type { RolloutInput } from '../../domain/service/requests.ts';
import type { RouterSpec } from '../../domain/service/service.ts';
import { type DrainReport, describeCut } from '../../domain/traffic/route.ts';
import { type Freeze, PHASES, type Phase, type RolloutOutcome, type Wait } from '../../domain/rollout/rollout.ts';
import type { PhaseState, PhaseStatus, RolloutStatus, StepStatus } from '../../domain/rollout/status.ts';
import { SEARCH_ATTRIBUTES } from '../shared/search-attributes.ts';

/** Where a rollout is, kept where people look: its query, its details in the Temporal UI, its search attributes. */
export class Progress {
  readonly status: RolloutStatus;
  readonly #meter = new ExposureMeter();
  #wait: Wait | undefined;
  #pause: Wait | undefined;

  constructor(input: RolloutInput) {
    const { service, number, kind, actor, revision, baseline, revisionSet } = input;
    this.status = {
      service,
      number,
      kind,
      ...(revision ? { revision: revision.number, artifact: revision.label } : {}),
      ...(revisionSet.live ? { previous: revisionSet.live.revision.number } : {}),
      ...(baseline ? { baseline: baseline.number } : {}),
      actor,
      phase: 'plan',
      phases: PHASES.map((phase) => ({ phase, state: 'pending' })),
      steps: [],
      startedAt: now(),
      paused: false,
      verdicts: [],
      quarantined: [],
    };
  }

  /** What was asked for, as it is recorded. */
  describe(asked: Pick<RolloutStatus, 'reason' | 'artifact'>): void {
    Object.assign(this.status, asked);
  }

  /** The steps in which traffic is to move, at this router. */
  plan(steps: readonly PlannedStep[], router: RouterSpec, beside: { hasBaseline: boolean; hasPreview: boolean }): void {
    this.status.plan = outlinePlan(steps, router, beside);
    this.status.steps = steps.map(({ number, weight, bakeMs, audience }) => ({
      ...{ number, weight, bakeMs },
      ...(audience === undefined ? {} : { audience }),
      state: 'pending',
    }));
    this.#show();
  }

  /** The revision has so much of the traffic from now on, and a cohort besides: neither where it was taken back, or settled on. */
  expose(weight: number, hasCohort = false): void {
    this.#meter.move(weight, Date.now(), hasCohort);
  }

  /** What was said of its traffic last is not so: it has this much, as before. */
  takeBack(weight: number): void {
    this.#meter.correct(weight);
  }

  /** How much of the traffic the revision has, in percent. */
  get weight(): number {
    return this.#meter.weight;
  }

  /** One that is repeated goes on. */
  beginStep(number: number): void {
    const step = this.#ofStep(number);
    const { startedAt = now() } = step;
    delete step.endedAt;
    delete step.note;
    this.#setStep(number, 'running', { startedAt });
  }

  endStep(number: number, state: 'done' | 'failed', note?: string): void {
    this.#setStep(number, state, { endedAt: now(), ...(note === undefined ? {} : { note }) });
  }

  skipStep(number: number, note: string): void {
    this.#setStep(number, 'skipped', { note });
  }

  /** One that a plan of several steps comes back to goes on. */
  begin(phase: Phase): void {
    this.status.phase = phase;
    const { startedAt = now() } = this.#of(phase);
    delete this.#of(phase).endedAt;
    this.#set(phase, 'running', { startedAt });
    // The first phase's value came with the start.
    if (phase !== 'plan') upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.phase, value: phase }]);
    this.#show();
  }

  end(phase: Phase, state: 'done' | 'failed', note?: string): void {
    this.#set(phase, state, { endedAt: now(), ...(note === undefined ? {} : { note }) });
    this.#show();
  }

  skip(phase: Phase, note: string): void {
    this.#set(phase, 'skipped', { note });
  }

  note(phase: Phase, note: string): void {
    this.#set(phase, this.#of(phase).state, { note });
    this.#show();
  }

  wait(wait: Wait | undefined): void {
    this.#wait = wait;
    this.#showWait();
  }

  /** A pause holds it, whatever else it would wait for; undefined once it goes on. */
  holdPaused(wait: Wait | undefined): void {
    this.#pause = wait;
    this.hold(wait !== undefined);
    this.#showWait();
  }

  /** It waits for somebody to say yes or no; found in the UI by that. */
  needsHuman(needed: boolean): void {
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.needsHuman, value: needed }]);
  }

  judged(verdicts: readonly RolloutVerdict[]): void {
    this.status.verdicts.push(...verdicts);
    this.#show();
  }

  /** What a hook says by now. */
  heardHook(report: HookReport): void {
    this.status.hooks = addHookReport(this.status.hooks ?? [], report);
    this.#show();
  }

  /** How drains ended; told beside the teardown, where something was cut off. */
  drained(reports: readonly DrainReport[]): void {
    this.status.drains = [...(this.status.drains ?? []), ...reports];
  }

  /** What drains cut off, in words. */
  get cut(): string[] {
    return (this.status.drains ?? []).flatMap((report) => describeCut(report) ?? []);
  }

  /** Where its revision is looked at from now on; undefined where it is no more. */
  look(preview: string | undefined): void {
    if (preview === undefined) delete this.status.preview;
    else this.status.preview = preview;
  }

  /** Nothing goes on: it holds, or does so no more. */
  hold(isHeld: boolean): void {
    this.#meter.pause(isHeld, Date.now());
  }

  /** The new revision has traffic, or may have. */
  get hasTraffic(): boolean {
    return this.#meter.hasTraffic;
  }

  /** It failed and waits for a person, whom the search attribute calls; undefined where it does so no more. */
  freeze(frozen: Freeze | undefined): void {
    if (frozen) this.status.frozen = frozen;
    else delete this.status.frozen;
    this.hold(frozen !== undefined);
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.needsHuman, value: frozen !== undefined }]);
    this.#show();
  }

  pause(paused: boolean): void {
    this.status.paused = paused;
    this.#show();
  }

  quarantine(stack: string): void {
    this.status.quarantined.push(stack);
    this.#show();
  }

  /** Everything that has not begun by now never will. */
  conclude(outcome: RolloutOutcome, because?: string): void {
    for (const { phase, state } of this.status.phases) if (state === 'pending') this.skip(phase, 'not reached');
    for (const { number, state } of this.status.steps) {
      if (state === 'pending') this.#setStep(number, 'skipped', { note: 'not reached' });
    }
    this.status.outcome = outcome;
    const { exposure } = this.#meter;
    if (outcome !== 'failed' && (exposure.totalMs > 0 || exposure.cohortMs !== undefined))
      this.status.exposure = exposure;
    if (because !== undefined) this.status.because = because;
    this.status.endedAt = now();
    this.wait(undefined);
  }

  /** A closed run must read without a worker: queries and current details need one, the memo does not. */
  publish(): void {
    const { outcome } = this.status;
    if (outcome) upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.outcome, value: outcome }]);
    upsertMemo({ status: this.status, summary: renderDetails(this.status) });
  }

  #of(phase: Phase): PhaseStatus {
    const found = this.status.phases.find((each) => each.phase === phase);
    if (!found) throw new Error(`no phase ${phase}`);
    return found;
  }

  #set(phase: Phase, state: PhaseState, more: Partial<PhaseStatus>): void {
    Object.assign(this.#of(phase), { state, ...more });
  }

  #ofStep(number: number): StepStatus {
    const found = this.status.steps.find((each) => each.number === number);
    if (!found) throw new Error(`no step ${number}`);
    return found;
  }

  #setStep(number: number, state: PhaseState, more: Partial<StepStatus>): void {
    Object.assign(this.#ofStep(number), { state, ...more });
    this.#show();
  }

  #showWait(): void {
    const wait = this.#pause ?? this.#wait;
    if (wait) this.status.wait = wait;
    else delete this.status.wait;
    this.#show();
  }

  #show(): void {
    setCurrentDetails(renderDetails(this.status));
  }
}

function now(): string {
  return new Date().toISOString();
}
