import { setCurrentDetails, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import { renderRunDetails } from '../../domain/experiment/details.ts';
import type { RunOutcome, RunPhase, RunPhaseStatus, RunStatus, RunVariant } from '../../domain/experiment/run.ts';
import type { Wait } from '../../domain/rollout/rollout.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { SEARCH_ATTRIBUTES } from '../shared/search-attributes.ts';

/** Where a run is, kept where people look: its query, its details in the Temporal UI, its search attributes. */
export class RunProgress {
  readonly status: RunStatus;

  /** @param recorded how it stands by the record */
  constructor(recorded: RunStatus) {
    this.status = recorded;
    this.#show();
  }

  /** What a run can be listed by. */
  list(): void {
    const { experiment, run, actor } = this.status;
    upsertSearchAttributes([
      { key: SEARCH_ATTRIBUTES.service, value: experiment.name },
      { key: SEARCH_ATTRIBUTES.environment, value: experiment.environment },
      { key: SEARCH_ATTRIBUTES.revision, value: formatRevisionName(run) },
      { key: SEARCH_ATTRIBUTES.actor, value: actor },
      { key: SEARCH_ATTRIBUTES.phase, value: this.status.phase },
    ]);
  }

  /** @param place which of several it is, where it comes again */
  begin(phase: RunPhase, place?: string): void {
    this.status.phase = phase;
    delete this.#find(phase).endedAt;
    this.#set(phase, 'running', { startedAt: now(), ...(place === undefined ? {} : { note: place }) });
    // The first phase is listed with all else, and a comparison takes no time.
    if (phase !== 'lease' && phase !== 'compare') {
      upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.phase, value: phase }]);
    }
  }

  end(phase: RunPhase, state: 'done' | 'failed', note?: string): void {
    this.#set(phase, state, { endedAt: now(), ...(note === undefined || note === '' ? {} : { note }) });
  }

  skip(phase: RunPhase, note: string): void {
    this.#set(phase, 'skipped', { note });
  }

  wait(wait: Wait | undefined): void {
    if (wait) this.status.wait = wait;
    else delete this.status.wait;
    this.#show();
  }

  extend(deadlineAt: string): void {
    this.status.deadlineAt = deadlineAt;
    if (this.status.wait && this.status.phase === 'hold') this.status.wait.until = deadlineAt;
    this.#show();
  }

  variants(variants: readonly RunVariant[]): void {
    this.status.variants = [...variants];
    this.#show();
  }

  variant(name: string, change: Partial<RunVariant>): void {
    const found = this.status.variants.find((each) => each.name === name);
    if (!found) throw new Error(`no variant ${name}`);
    Object.assign(found, change);
    this.#show();
  }

  /** It has nowhere to lead to any more. */
  removeVariant(name: string): void {
    const found = this.status.variants.find((each) => each.name === name);
    if (!found) throw new Error(`no variant ${name}`);
    found.endpoints = [];
    delete found.address;
    found.state = 'gone';
    this.#show();
  }

  needsHuman(needed: boolean): void {
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.needsHuman, value: needed }]);
  }

  /** Why it ends, while it does. */
  because(because: string | undefined): void {
    if (because !== undefined) this.status.because = because;
    this.#show();
  }

  /** As the record has it, where somebody else may have put down its end before, or a lost attempt of this run. */
  adopt(recorded: RunStatus): void {
    Object.assign(this.status, recorded);
    this.#show();
  }

  /** Everything that has not begun by now never will. */
  conclude(outcome: RunOutcome, because?: string): RunStatus & { outcome: RunOutcome; endedAt: string } {
    for (const { phase, state } of this.status.phases) if (state === 'pending') this.skip(phase, 'not reached');
    const endedAt = now();
    Object.assign(this.status, { outcome, endedAt, ...(because === undefined ? {} : { because }) });
    this.wait(undefined);
    return { ...this.status, outcome, endedAt };
  }

  /** A closed run must read without a worker: queries and current details need one, the memo does not. */
  publish(): void {
    const { outcome } = this.status;
    if (outcome) upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.outcome, value: outcome }]);
    upsertMemo({ status: this.status, summary: renderRunDetails(this.status, new Date()) });
  }

  #set(phase: RunPhase, state: RunPhaseStatus['state'], more: Partial<RunPhaseStatus>): void {
    Object.assign(this.#find(phase), { state, ...more });
    this.#show();
  }

  #find(phase: RunPhase): RunPhaseStatus {
    const found = this.status.phases.find((each) => each.phase === phase);
    if (!found) throw new Error(`no phase ${phase}`);
    return found;
  }

  #show(): void {
    setCurrentDetails(renderRunDetails(this.status, new Date()));
  }
}

function now(): string {
  return new Date().toISOString();
}
