import type { Start } from '../service/messages.ts';
import { readServiceKey } from '../service/messages.ts';
import type { ServiceKey } from '../service/service.ts';
import { driftIds, looksAtAll } from './ids.ts';

/** What a look goes over, and how far it has come. */
export interface DriftScope {
  /** All services unless told. */
  service?: ServiceKey;
  /** Where it goes on in a new run; see `formatDriftTarget`. */
  after?: string;
  /** How many stacks earlier runs have looked at, of how many that was in vain, and how many have drifted. */
  tally?: DriftTally;
}

export interface DriftTally {
  looked: number;
  failed: number;
  drifted: number;
}

/** Anyone who reaches Temporal can send anything: undefined for what the schedule or a gateway does not start. */
export function readDriftScope(value: unknown, { workflowId, parentId, isContinued }: Start): DriftScope | undefined {
  if (parentId !== undefined) return undefined;
  if (typeof value !== 'object' || value === null) {
    return value === undefined && looksAtAll(workflowId) ? {} : undefined;
  }
  const { service: given, after, tally } = value as Record<string, unknown>;
  const service = given === undefined ? undefined : readServiceKey(given);
  const isAllowed = service ? workflowId.startsWith(driftIds.check(service, '')) : looksAtAll(workflowId);
  if (!isAllowed || (given !== undefined && !service)) return undefined;
  const scope = service ? { service } : {};
  if (!isContinued) return scope;
  return {
    ...scope,
    ...(typeof after === 'string' ? { after } : {}),
    ...(isTally(tally) ? { tally } : {}),
  };
}

function isTally(value: unknown): value is DriftTally {
  if (typeof value !== 'object' || value === null) return false;
  const { looked, failed, drifted } = value as Record<string, unknown>;
  return [looked, failed, drifted].every((count) => typeof count === 'number');
}
