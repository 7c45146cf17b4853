import type { Wait } from '../rollout/rollout.ts';
import { type Approval, type ApprovalTerms, type GateAction, type GatePhase, describePoint } from './gate.ts';
import { type GateProgress, expiryOf, judgeGate } from './progress.ts';

export const GATE_KINDS = ['approval', 'window', 'webhook', 'change-stop'] as const;
export type GateKind = (typeof GATE_KINDS)[number];

/**
 * - `waiting`: the rollout waits for it.
 * - `open`: it has opened, or was open.
 * - `expired`: it did not open in time.
 * - `refused`: somebody has rejected the rollout there, or its webhook refuses.
 * - `skipped`: it was passed by break-glass, or the rollout ended meanwhile.
 */
export const GATE_STATES = ['waiting', 'open', 'expired', 'refused', 'skipped'] as const;
export type GateState = (typeof GATE_STATES)[number];

/** A gate that a rollout has come to, as people and programs see it. */
export interface GateStatus {
  name: string;
  kind: GateKind;
  before: GatePhase;
  /** Of a shift: which step. */
  step?: number;
  state: GateState;
  /** Since when it was waited for, ISO 8601. */
  since: string;
  /** When it expires. */
  until: string;
  /** When it was waited for no longer; absent while it is. */
  endedAt?: string;
  /** What follows where it expires. */
  then: GateAction;
  /** Why it stands so. */
  because?: string;
  /** Of a window that is closed: when it opens, where that is in sight. */
  opensAt?: string;
  /** Of an approval: what it takes. */
  approval?: ApprovalTerms;
  /** Who has approved so far. */
  approvals?: Approval[];
}

/** Somebody has passed the gates of a rollout, with the right to. */
export interface BreakGlass {
  actor: string;
  reason: string;
  /** ISO 8601. */
  at: string;
}

export function describeBreakGlass({ actor, reason }: BreakGlass): string {
  return `break-glass by ${actor}: ${reason}`;
}

/** As it stands now. `verdict` says how, where that does not follow from the time and what is known of it. */
export function buildGateStatus(
  progress: GateProgress,
  now: number,
  verdict: { state: GateState; because?: string } = judgeGate(progress, now),
): GateStatus {
  const { gate, since, approvals, window } = progress;
  const { state, because } = verdict;
  const opensAt = state === 'waiting' && window && !window.isOpen ? window.until : undefined;
  return {
    ...{ name: gate.name, kind: gate.kind, before: gate.before, state, since, then: gate.then },
    ...(typeof gate.step === 'number' ? { step: gate.step } : {}),
    until: new Date(expiryOf(progress)).toISOString(),
    ...(state === 'waiting' ? {} : { endedAt: new Date(now).toISOString() }),
    ...(because === undefined ? {} : { because }),
    ...(opensAt === undefined ? {} : { opensAt }),
    ...(gate.kind === 'approval'
      ? {
          approval: {
            ...{ from: gate.from, least: gate.least, notRequester: gate.notRequester, reason: gate.reason },
            ...(gate.temporalUi ? { temporalUi: true as const } : {}),
          },
          approvals,
        }
      : {}),
  };
}

/** `approval qa`, `change stop`. */
export function nameGate({ kind, name }: Pick<GateStatus, 'kind' | 'name'>): string {
  return kind === 'change-stop' ? 'change stop' : `${kind} ${name}`;
}

/** What people are told of a gate that was waited for. */
export function describeGateStatus(status: GateStatus): string {
  const { state, because, before, step } = status;
  const where = `gate ${nameGate(status)} before ${describePoint(before, step)}`;
  return `${where}: ${state}${because === undefined ? '' : `, ${because}`}`;
}

/** Whether somebody's yes is waited for. */
export function awaitsApproval(gates: readonly GateStatus[] = []): boolean {
  return gates.some(({ kind, state }) => kind === 'approval' && state === 'waiting');
}

export function isHeld(gates: readonly GateStatus[] = []): boolean {
  return gates.some(({ state }) => state === 'waiting');
}

/**
 * A wait for all gates of a point, of which one at least is waited for.
 *
 * @param preview where what they are about can be looked at meanwhile
 */
export function buildGateWait(gates: readonly GateStatus[], preview?: string): Wait | undefined {
  const waiting = gates.filter(({ state }) => state === 'waiting');
  const [first] = waiting;
  if (!first) return undefined;
  const ends = waiting.toSorted((one, other) => one.until.localeCompare(other.until));
  const { then, until } = ends[0] ?? first;
  return {
    on: [...waiting.map(describeWaiting), ...describeLook(preview)].join('; '),
    since: waiting.map(({ since }) => since).reduce((one, other) => (other < one ? other : one)),
    until,
    endedBy: [...new Set(waiting.map(describeEnding)), 'abort'].join(', '),
    then: then === 'rollback' ? 'the rollout is put back' : 'it goes on as if the gate had opened',
  };
}

function describeWaiting(status: GateStatus): string {
  const { because, before, step, opensAt } = status;
  const what = `gate ${nameGate(status)} before ${describePoint(before, step)}`;
  return `${what}: ${because ?? ''}${opensAt === undefined ? '' : `, opens at ${opensAt}`}`;
}

function describeLook(preview: string | undefined): string[] {
  return preview === undefined ? [] : [`look at the new revision at its preview address ${preview} meanwhile`];
}

function describeEnding({ kind }: GateStatus): string {
  switch (kind) {
    case 'approval':
      return 'approve or reject';
    case 'window':
      return 'the opening of the window';
    case 'webhook':
      return 'its webhook';
    case 'change-stop':
      return 'change-stop lift';
  }
}

/** What one person's yes has done, at the gates where the rollout stands. */
export function describeApproval(gates: readonly GateStatus[], by: string): string {
  const last = gates.at(-1);
  return gates
    .filter(({ approvals = [], before, step }) => {
      const isHere = before === last?.before && step === last.step;
      return isHere && approvals.some(({ actor }) => actor === by);
    })
    .map(({ name, approval, approvals = [], state }) => {
      const count = `${approvals.length} of ${approval?.least ?? 1}`;
      return state === 'open' ? `gate ${name} is open, with ${count}` : `counts for gate ${name}: ${count} so far`;
    })
    .join('; ');
}
