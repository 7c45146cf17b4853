import type { DrillFacts } from '../../domain/experiment/drill/resolve.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import { findPreviousRecorded } from '../../domain/service/state.ts';
import type { Catalogue } from '../../store/catalogue/catalogue.ts';

/** Rollouts that are looked at for what was live before; no service's workflow remembers more. */
const ROLLOUTS = 200;

/** What is live, and where a rollback that names no revision leads while nothing else of the service goes on. */
export async function readRollback(
  catalogue: Pick<Catalogue, 'overview' | 'rollouts' | 'revision'>,
  service: ServiceKey,
): Promise<Pick<DrillFacts, 'live' | 'previous'>> {
  const [overview] = await catalogue.overview(service);
  const live = overview?.revisions.find(({ state }) => state === 'live');
  if (!overview || !live) return {};
  const rollouts = await catalogue.rollouts(service, ROLLOUTS);
  const number = findPreviousRecorded({ ...overview, rollouts, live: live.number });
  const previous = number === undefined ? undefined : await catalogue.revision(service, number);
  return { live, ...(previous ? { previous } : {}) };
}
