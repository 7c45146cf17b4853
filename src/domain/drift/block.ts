import type { DriftRecord } from './record.ts';
import { describeDrift, describeTrouble, formatAcknowledgeCommand } from './words.ts';

/** No data is never a pass. */
export const BLOCKED_WITHOUT_LOOK = 'with drift: block, nothing is shifted without a look';

/** Why a rollout must not go on by what a look has just found, with what to do about it. Undefined where it may. */
export function findObstacle(record: DriftRecord): string | undefined {
  const drift = describeDrift(record);
  if (drift !== undefined) {
    return `${drift}. Make it as it was, or say why it may stay: ${formatAcknowledgeCommand(record)}`;
  }
  const trouble = describeTrouble(record);
  if (trouble !== undefined) return `${trouble}; ${BLOCKED_WITHOUT_LOOK}`;
  return undefined;
}
