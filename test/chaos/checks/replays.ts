import type { ServiceKey } from '../../../src/domain/service/service.ts';
import { findDivergences } from '../../workflow/replays.ts';
import { type Finding, findings } from '../findings.ts';
import { withTemporal } from '../temporal.ts';
import type { World } from '../world.ts';

/** Whether a worker that takes over could go on with what others have begun: every history must replay. */
export async function replayFindings(world: Pick<World, 'platform'>, service: ServiceKey): Promise<Finding[]> {
  const divergences = await withTemporal(world, async ({ workflow }) => findDivergences(workflow, service));
  return findings(
    'stuck',
    divergences.map((text) => `another worker could not go on with ${text}`),
  );
}
