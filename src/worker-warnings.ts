import { type RouterOptions, findRouterObstacle } from './routing/registry.ts';
import { FENCE_HELP, type StatePlace, describeMissingFence } from './stacks/pulumi/state/place.ts';
import { note } from './worker-log.ts';

/** Says where the router of another machine takes no orders from here. That may be put right at any moment, so nothing is refused. */
export async function warnOfRouter(routing: RouterOptions): Promise<void> {
  const found = await findRouterObstacle(routing);
  if (!found) return;
  note('WARN', `${found.obstacle}; no traffic can be shifted until it does`, { help: found.help });
}

/** Says what the place of the engine's state cannot do. One worker alone is well served there. */
export function warnOfState(place: StatePlace | undefined): void {
  const missing = describeMissingFence(place);
  if (missing !== undefined) note('WARN', missing, { help: FENCE_HELP });
}
