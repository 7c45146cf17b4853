import type { OpenRollout } from '../activities/recall.ts';
import type { ServiceKey, ServiceSpec } from '../domain/service.ts';
import { type Entry, type ServiceState, newState } from '../domain/service-state.ts';
import { quickly } from './steps.ts';

/**
 * A service's workflow begins afresh: after its first request, after a removal, or after somebody terminated it. It takes
 * up the queue as it is on record, under the numbers that were given.
 */
export async function recallState(key: ServiceKey): Promise<ServiceState> {
  const { spec, open, ...recalled } = await quickly('recall', 'what is on record', [key]);
  return {
    ...newState(key),
    ...recalled,
    ...(spec ? { spec } : {}),
    ...(spec && open ? { running: running(open, spec) } : {}),
  };
}

function running({ startedAt, ...open }: OpenRollout, spec: ServiceSpec): Entry {
  return { ...open, spec, queuedAt: startedAt };
}
