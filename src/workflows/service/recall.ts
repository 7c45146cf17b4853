import type { OpenRollout } from '../../activities/recall.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import { type Entry, type ServiceState, createServiceState } from '../../domain/service/state.ts';
import type { SpecRef } from '../../domain/service/service.ts';
import { localFirst } from '../shared/activities.ts';

/**
 * A service's workflow begins afresh: after its first request, after a removal, or after somebody terminated it. It takes
 * up the queue as it is recorded, under the numbers that were given.
 */
export async function recallState(key: ServiceKey): Promise<ServiceState> {
  const { spec, open, baselines: _baselines, ...recalled } = await localFirst('recall', 'what is recorded', [key]);
  return {
    ...createServiceState(key),
    ...recalled,
    ...(spec ? { spec } : {}),
    ...(spec && open ? { running: running(open, spec) } : {}),
  };
}

function running({ startedAt, ...open }: OpenRollout, { settings }: SpecRef): Entry {
  return { ...open, settings, queuedAt: startedAt };
}
