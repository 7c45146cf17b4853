import type { ServiceKey } from '../../../src/domain/service/service.ts';
import { findDivergences, findDivergencesOf } from '../../workflow/replays.ts';
import { type Finding, findings } from '../findings.ts';
import { type TemporalAddress, locateTemporal, withTemporal, withTemporalAt } from '../temporal.ts';
import type { World } from '../world.ts';

/** Whether a worker that takes over could go on with what others have begun: every history must replay. */
export async function replayFindings(world: Pick<World, 'platform'>, service: ServiceKey): Promise<Finding[]> {
  return replayFindingsAt(locateTemporal(world), service);
}

export async function replayFindingsAt(temporal: TemporalAddress, service: ServiceKey): Promise<Finding[]> {
  return toFindings(await withTemporalAt(temporal, async ({ workflow }) => findDivergences(workflow, service)));
}

/** The same of all that a query of Temporal's visibility finds. */
export async function replayFindingsOf(world: Pick<World, 'platform'>, query: string): Promise<Finding[]> {
  return toFindings(await withTemporal(world, async ({ workflow }) => findDivergencesOf(workflow, query)));
}

function toFindings(divergences: readonly string[]): Finding[] {
  return findings(
    'stuck',
    divergences.map((text) => `another worker could not go on with ${text}`),
  );
}
