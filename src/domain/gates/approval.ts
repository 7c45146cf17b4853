import { type Role, ROLES, matchesPattern } from '../access.ts';
import { CLAIMS_REFUSED, isClaimant, takesClaims } from './claim.ts';
import type { Approval, ApprovalTerms } from './gate.ts';
import type { GateProgress } from './progress.ts';
import type { GateStatus } from './status.ts';

/** Who a caller is to a service, as a gateway knows it. */
export interface Standing {
  /** The roles that the caller has there with the right to approve. */
  roles: Role[];
  /** The groups it is in, as gates name them: `group:sre`. */
  groups?: string[];
}

/** Who approves. */
export interface Approver extends Standing {
  actor: string;
  reason?: string;
  /** It comes from the Temporal UI: nobody knows who it is. */
  claimed?: true;
}

const REASON_WANTED = 'it takes a reason: say why with --reason, or as "reason" in the Temporal UI';

/** Why this person does not count for the gate, and what would; undefined where they do. */
function findApproverFault(
  terms: ApprovalTerms,
  { actor, reason, claimed, ...standing }: Approver,
  requester: string,
): string | undefined {
  const { from, notRequester, reason: demand } = terms;
  if (claimed && !takesClaims(terms)) return CLAIMS_REFUSED;
  if (!claimed && !from.some((wanted) => isMeant(wanted, actor, standing))) {
    return `${actor} is none of those whom it waits for: ${from.join(', ')}`;
  }
  if (notRequester && actor === requester) return `${actor} asked for this rollout; somebody else has to approve it`;
  if (demand === 'required' && reason === undefined) return REASON_WANTED;
  return undefined;
}

/** Everyone who may do everything may stand in for any role. */
function isMeant(wanted: string, actor: string, { roles, groups = [] }: Standing): boolean {
  if (isRole(wanted)) return roles.includes(wanted) || roles.includes('admin');
  return [actor, ...groups].some((name) => matchesPattern(wanted, name));
}

function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

/**
 * The approval gates that are waited for and that this person counts for; or why for none of them. `requester` asked for the
 * rollout.
 */
export function findApprovable(
  gates: readonly GateStatus[],
  by: Approver,
  requester: string,
): { names: string[] } | { refusal: string } {
  const faults: string[] = [];
  const names: string[] = [];
  for (const { kind, state, name, approval, approvals = [] } of gates) {
    if (kind !== 'approval' || state !== 'waiting' || !approval) continue;
    const fault = findApproverFault(approval, by, requester) ?? findRepetition(approvals, by);
    if (fault === undefined) names.push(name);
    else faults.push(`${name}: ${fault}`);
  }
  if (names.length > 0) return { names };
  return { refusal: faults.length === 0 ? 'no gate is waiting for an approval' : faults.join('; ') };
}

/** Of those whose names are only claimed, all may be one person. */
function findRepetition(given: readonly Approval[], { actor, claimed }: Approver): string | undefined {
  if (given.some((approval) => approval.actor === actor)) return `${actor} has approved it already`;
  const before = claimed && given.find((approval) => isClaimant(approval.actor));
  return before ? `one yes from the Temporal UI counts, and ${before.actor} has given it already` : undefined;
}

/** The gates with one person's yes to those named. */
export function approveGates(
  gates: readonly GateProgress[],
  names: readonly string[],
  approval: Approval,
): GateProgress[] {
  return gates.map((progress) => {
    const { gate, approvals } = progress;
    const isNamed = gate.kind === 'approval' && names.includes(gate.name);
    return isNamed ? { ...progress, approvals: addApproval(approvals, approval) } : progress;
  });
}

/** The approvals with one more; the same person counts once, with what they said first. */
function addApproval(given: readonly Approval[], approval: Approval): Approval[] {
  return given.some(({ actor }) => actor === approval.actor) ? [...given] : [...given, approval];
}
