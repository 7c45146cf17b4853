import { type DriftRecord, findUnacknowledged } from './record.ts';

/**
 * How a stack stands by its last look.
 * - `none`: it is as it was made.
 * - `drifted`: something is not, and nobody has acknowledged that.
 * - `acknowledged`: something is not, and somebody has said why it may stay.
 * - `unknown`: it was not looked at yet, or cannot be.
 */
export const DRIFT_STATES = ['none', 'drifted', 'acknowledged', 'unknown'] as const;
export type DriftState = (typeof DRIFT_STATES)[number];

/** What is known to be wrong counts, though a later look did not succeed. */
export function classifyDrift(record: DriftRecord | undefined): DriftState {
  if (!record) return 'unknown';
  if (findUnacknowledged(record).length > 0) return 'drifted';
  if (record.trouble !== undefined || record.lookedAt === undefined) return 'unknown';
  return record.findings.length > 0 ? 'acknowledged' : 'none';
}
