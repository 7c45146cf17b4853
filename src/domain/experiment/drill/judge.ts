import type { RollbackVerdict } from '../../rollback/verdict.ts';
import type { DrillPlan, RunOutcome } from '../run.ts';

/** How a run ends, as far as that says something of a rollback. */
export interface DrillEnding {
  outcome: RunOutcome;
  /** A stage that follows another one has failed by what was found, and not since something could not be found out. */
  disproves?: true;
}

/** What a drill says of its rollback by how it ends; nothing where it was ended before it could say anything. */
export function judgeDrill({ outcome, disproves }: DrillEnding): RollbackVerdict | undefined {
  if (outcome === 'succeeded') return 'proven';
  return outcome === 'failed' && disproves ? 'disproven' : undefined;
}

/** `a rollback from r5 to r4 is proven`. */
export function describeProven({ from, to }: { from: string; to: string }): string {
  return `a rollback from ${from} to ${to} is proven`;
}

/** The rollback in the words of an experiment's plan. */
export function labelsOf({ from, to }: DrillPlan): { from: string; to: string } {
  return { from: from.label, to: to.label };
}
