import { setCurrentDetails, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import type { Verdict } from '../domain/checks.ts';
import { details } from '../domain/details.ts';
import type { RolloutInput } from '../domain/requests.ts';
import { PHASES, type Phase, type RolloutOutcome, type Wait } from '../domain/rollout.ts';
import type { PhaseState, PhaseStatus, RolloutStatus } from '../domain/status.ts';
import { SEARCH_ATTRIBUTES } from './search-attributes.ts';

/** Where a rollout is, kept where people look: its query, its details in the Temporal UI, its search attributes. */
export class Progress {
  readonly status: RolloutStatus;

  constructor(input: RolloutInput) {
    const { spec, number, kind, actor, reason, revision, lineup } = input;
    this.status = {
      service: spec.service,
      number,
      kind,
      ...(revision ? { revision: revision.number, artifact: revision.artifact } : {}),
      ...(lineup.live ? { previous: lineup.live.revision.number } : {}),
      actor,
      ...(reason === undefined ? {} : { reason }),
      phase: 'plan',
      phases: PHASES.map((phase) => ({ phase, state: 'pending' })),
      startedAt: now(),
      paused: false,
      verdicts: [],
      quarantined: [],
    };
  }

  begin(phase: Phase): void {
    this.status.phase = phase;
    this.#set(phase, 'running', { startedAt: now() });
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
    if (wait) this.status.wait = wait;
    else delete this.status.wait;
    this.#show();
  }

  judged(verdicts: readonly Verdict[]): void {
    this.status.verdicts.push(...verdicts);
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
    this.status.outcome = outcome;
    if (because !== undefined) this.status.because = because;
    this.status.endedAt = now();
    this.wait(undefined);
  }

  /** A closed run must read without a worker: queries and current details need one, the memo does not. */
  publish(): void {
    const { outcome } = this.status;
    if (outcome) upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.outcome, value: outcome }]);
    upsertMemo({ status: this.status, summary: details(this.status) });
  }

  #of(phase: Phase): PhaseStatus {
    const found = this.status.phases.find((each) => each.phase === phase);
    if (!found) throw new Error(`no phase ${phase}`);
    return found;
  }

  #set(phase: Phase, state: PhaseState, more: Partial<PhaseStatus>): void {
    Object.assign(this.#of(phase), { state, ...more });
  }

  #show(): void {
    setCurrentDetails(details(this.status));
  }
}

function now(): string {
  return new Date().toISOString();
}
