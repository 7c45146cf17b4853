import type { ApprovalGate, WindowGate } from '../../../src/domain/gates/gate.ts';
import type { GateProgress } from '../../../src/domain/gates/progress.ts';

const HOUR_MS = 3_600_000;

export function approvalGate(more: Partial<ApprovalGate> = {}): ApprovalGate {
  return {
    ...{ kind: 'approval', name: 'qa', before: 'shift', expiresAfterMs: HOUR_MS, then: 'rollback' },
    ...{ from: ['approver'], least: 1, notRequester: true, reason: 'optional' },
    ...more,
  };
}

export function windowGate(more: Partial<WindowGate> = {}): WindowGate {
  return {
    ...{ kind: 'window', name: 'hours', before: 'shift', expiresAfterMs: HOUR_MS, then: 'rollback' },
    ...{ timeZone: 'UTC', allow: [{ rule: 'FREQ=DAILY;BYHOUR=9', forMs: 8 * HOUR_MS }] },
    ...more,
  };
}

export function arrived(gate: GateProgress['gate'], since: number, more: Partial<GateProgress> = {}): GateProgress {
  return { gate, since: new Date(since).toISOString(), approvals: [], ...more };
}
