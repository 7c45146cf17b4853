/**
 * What can be wrong after a run.
 * - `dropped`: a user's request failed that no outage explains.
 * - `leaked`: something exists that nobody owns, or is owned and does not exist.
 * - `lost`: something that was acknowledged or decided is not on record, or not everywhere alike.
 * - `stuck`: a rollout has come to no end.
 * - `wrong`: an invariant was broken, or a rollout has ended otherwise than its revision deserves.
 */
export const FINDING_KINDS = ['dropped', 'leaked', 'lost', 'stuck', 'wrong'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  kind: FindingKind;
  text: string;
}

export function findings(kind: FindingKind, texts: readonly string[]): Finding[] {
  return texts.map((text) => ({ kind, text }));
}
