import type { Receipt } from './requests.ts';
import type { Decision } from './decisions/decision.ts';

/**
 * What a dry run is answered: what the request would be, but for the number of a rollout that nobody has asked for. The
 * next request takes that number, so a name made of it would soon be somebody else's.
 */
export function buildDryRunReceipt({ kind, receipt }: Exclude<Decision, { kind: 'refused' }>): Receipt {
  return kind === 'queued' ? { ...receipt, rollout: 0 } : receipt;
}
