import type { ServiceKey } from '../domain/service.ts';
import { type ServiceState, newState } from '../domain/service-state.ts';
import { quickly } from './steps.ts';

/** A service's workflow begins afresh: after its first request, after a removal, or after somebody terminated it. */
export async function recallState(key: ServiceKey): Promise<ServiceState> {
  const { spec, lastRevision, lastRollout, lineup, formerly } = await quickly('recall', 'what is on record', [key]);
  return { ...newState(key), ...(spec ? { spec } : {}), lastRevision, lastRollout, lineup, formerly };
}
