import type { ApprovalTerms } from './gate.ts';
import type { GateStatus } from './status.ts';

/**
 * What somebody says from the Temporal UI. Whoever reaches Temporal can send it under any name, so it counts only at gates that
 * say so.
 */
export interface Claim {
  /** Whom it is said to come from. */
  by: string;
  reason?: string;
}

/** What is to be entered in the Temporal UI. */
export const CLAIM_EXAMPLE = '{"by": "ada", "reason": "tried it on the preview"}';

/** What a gate says to it that does not take it. */
export const CLAIMS_REFUSED =
  'what comes from the Temporal UI does not count here (approval.temporalUi); use the CLI or the API';

/** What every name from there begins with. No name that a gateway has proven does. */
const CLAIMED = 'temporal:';

const LONGEST_NAME = 100;
const LONGEST_REASON = 4_000;

/** @returns all that is wrong with it; undefined where it is none, but something that a program has sent */
export function readClaim(value: unknown): Claim | { faults: string[] } | undefined {
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  if ('command' in fields) return undefined;
  const { by, reason, ...others } = fields;
  const unknown = Object.keys(others);
  const faults = [
    ...(isText(by, LONGEST_NAME) ? [] : [`by: who you are, in at most ${LONGEST_NAME} characters`]),
    ...(reason === undefined || isText(reason, LONGEST_REASON)
      ? []
      : [`reason: why, in at most ${LONGEST_REASON.toLocaleString('en')} characters, or left out`]),
    ...(unknown.length === 0 ? [] : [`nothing else: not ${unknown.slice(0, 5).join(', ').slice(0, LONGEST_NAME)}`]),
  ];
  if (faults.length > 0) return { faults };
  return { by: by as string, ...(reason === undefined ? {} : { reason: reason as string }) };
}

function isText(value: unknown, longest: number): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= longest;
}

/** `temporal:ada`. */
export function nameClaimant({ by }: Claim): string {
  return `${CLAIMED}${by}`;
}

export function isClaimant(actor: string): boolean {
  return actor.startsWith(CLAIMED);
}

/** Why what comes from the Temporal UI counts at none of the gates that wait; undefined where it does at one. */
export function findClaimRefusal(gates: readonly GateStatus[]): string | undefined {
  const waiting = gates.filter(({ kind, state }) => kind === 'approval' && state === 'waiting');
  if (waiting.some(({ approval }) => approval && takesClaims(approval))) return undefined;
  const names = waiting.map(({ name }) => name);
  if (names.length === 0) return 'no gate is waiting for an approval';
  return `${names.join(', ')}: ${CLAIMS_REFUSED}`;
}

export function takesClaims({ temporalUi }: ApprovalTerms): boolean {
  return temporalUi === true;
}
