import { type RunRef, formatRunName } from '../experiment/run.ts';
import type { ServiceKey } from '../service/service.ts';
import type { KnownRollback, RollbackVerdict } from './verdict.ts';

/** A rollback of a service, by the releases that it leads from and to (`RevisionRef.release`). */
export interface RollbackPair {
  service: ServiceKey;
  from: string;
  to: string;
}

/** What a drill has found out about a rollback. A release never changes, so it does not grow old. */
export interface RollbackProof extends RollbackPair {
  verdict: RollbackVerdict;
  /** The drill. */
  run: RunRef;
  /** When, ISO 8601. The latest counts. */
  at: string;
  /** What people called the releases then: `r5`, or the artifact of one that was not deployed. */
  fromLabel: string;
  toLabel: string;
  /** What went wrong, of a rollback that was disproven. */
  because?: string;
}

/** How many proofs of a release are carried. It was tried against one live release at a time: there are few. */
export const MOST_KNOWN_ROLLBACKS = 20;

/** Longer reasons are cut where they are carried, in characters; the run has all of it. */
const LONGEST_REASON = 120;

export function toKnownRollback({ to, verdict, run, because }: RollbackProof): KnownRollback {
  const why = because?.slice(0, LONGEST_REASON).toWellFormed();
  return { to, verdict, run: formatRunName(run), ...(why === undefined ? {} : { because: why }) };
}
