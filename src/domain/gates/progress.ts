import type { Approval, GateAction, GatePhase, GateSpec } from './gate.ts';
import { type ChangeStop, describeStop } from './stop.ts';
import type { WebhookAnswer } from './webhook.ts';
import type { WindowLook } from './window.ts';

/** A gate that a rollout has come to, with all that is known of it. */
export interface GateProgress {
  gate: GateSpec | StopGate;
  /** Since when it is waited for, ISO 8601. */
  since: string;
  approvals: Approval[];
  /** When it was looked at last, ISO 8601. */
  lookedAt?: string;
  window?: WindowLook;
  answer?: WebhookAnswer;
  stop?: ChangeStop;
}

/** A stop of all changes, in the place of a gate: no manifest names it. */
export interface StopGate {
  kind: 'change-stop';
  name: 'change-stop';
  before: GatePhase;
  step?: number;
  expiresAfterMs: number;
  then: 'rollback';
}

/** Whoever lifts a stop tells the rollouts that wait; this is for those who were not reached. In milliseconds. */
const STOP_LOOK_MS = 5 * 60_000;

/** How a gate stands. Times are milliseconds since 1970. */
export type GateVerdict =
  | { state: 'open'; because?: string }
  | { state: 'waiting'; because: string; lookAt: number }
  | { state: 'refused'; because: string }
  | { state: 'expired'; then: GateAction; because: string };

export function expiryOf({ gate, since }: GateProgress): number {
  return Date.parse(since) + gate.expiresAfterMs;
}

/** Judges by what is known now. What it knows may be too old by now: see {@link isStale}. */
export function judgeGate(progress: GateProgress, now: number): GateVerdict {
  const verdict = judgeKind(progress);
  if (verdict.state !== 'waiting') return verdict;
  const end = expiryOf(progress);
  if (now < end) return { ...verdict, lookAt: Math.min(end, verdict.lookAt) };
  const { then } = progress.gate;
  return { state: 'expired', then, because: verdict.because };
}

/** Whether a look would say more than is known: none was made, or what it said does not hold any more. */
export function isStale(progress: GateProgress, now: number): boolean {
  if (progress.gate.kind === 'approval') return false;
  return progress.lookedAt === undefined || now >= holdsUntil(progress);
}

/** Until when what was seen holds, or is not asked for again. */
function holdsUntil({ gate, lookedAt = '', window, stop }: GateProgress): number {
  const looked = Date.parse(lookedAt);
  switch (gate.kind) {
    case 'approval':
      return Infinity;
    case 'window':
      return window?.until === undefined ? Infinity : Date.parse(window.until);
    case 'webhook':
      return looked + gate.everyMs;
    case 'change-stop':
      return Math.min(looked + STOP_LOOK_MS, stop?.until === undefined ? Infinity : Date.parse(stop.until));
  }
}

function judgeKind(progress: GateProgress): GateVerdict {
  const { gate, approvals, window, answer, stop, lookedAt } = progress;
  const lookAt = holdsUntil(progress);
  switch (gate.kind) {
    case 'approval': {
      const missing = gate.least - approvals.length;
      if (missing <= 0) return { state: 'open', because: `approved by ${nameAll(approvals)}` };
      return { state: 'waiting', because: describeMissing(gate.from, missing, approvals), lookAt };
    }
    case 'window':
      if (window?.isOpen) return { state: 'open' };
      return { state: 'waiting', because: window?.because ?? 'it has not been looked at yet', lookAt };
    case 'webhook': {
      const { state = 'closed', because = 'it was not asked yet' } = answer ?? {};
      return state === 'closed' ? { state: 'waiting', because, lookAt } : { state, because };
    }
    case 'change-stop':
      if (stop) return { state: 'waiting', because: describeStop(stop), lookAt };
      return lookedAt === undefined
        ? { state: 'waiting', because: 'it has not been looked at yet', lookAt }
        : { state: 'open', because: 'changes are not stopped any more' };
  }
}

function describeMissing(from: readonly string[], missing: number, approvals: readonly Approval[]): string {
  const more = `${missing} ${approvals.length > 0 ? 'more ' : ''}approval${missing === 1 ? '' : 's'} of ${from.join(' or ')}`;
  return approvals.length === 0 ? more : `${more}, beside ${nameAll(approvals)}`;
}

function nameAll(approvals: readonly Approval[]): string {
  return approvals.map(({ actor }) => actor).join(', ');
}

/** What follows at a point with several gates, all of which have to be open at once. */
export type PointVerdict =
  | { kind: 'pass' }
  /** These have to be looked at now. */
  | { kind: 'look'; at: GateProgress[] }
  /** Until then, in milliseconds since 1970, where nothing happens before. */
  | { kind: 'wait'; until: number }
  | { kind: 'end'; at: GateProgress; because: string };

/** All gates of a point, so that people can approve while a window is closed still. */
export function judgePoint(gates: readonly GateProgress[], now: number): PointVerdict {
  const judged = gates.map((at) => ({ at, verdict: judgeGate(at, now) }));
  for (const { at, verdict } of judged) {
    if (verdict.state === 'refused') return { kind: 'end', at, because: verdict.because };
    if (verdict.state === 'expired' && verdict.then === 'rollback') {
      return { kind: 'end', at, because: verdict.because };
    }
  }
  const waiting = judged.flatMap(({ at, verdict }) => (verdict.state === 'waiting' ? [{ at, verdict }] : []));
  const old = (waiting.length > 0 ? waiting : judged.filter(({ verdict }) => verdict.state === 'open')).flatMap(
    ({ at }) => (isStale(at, now) ? [at] : []),
  );
  if (old.length > 0) return { kind: 'look', at: old };
  if (waiting.length === 0) return { kind: 'pass' };
  return { kind: 'wait', until: Math.min(...waiting.map(({ verdict }) => verdict.lookAt)) };
}
