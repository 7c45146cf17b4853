import { isDeepStrictEqual } from 'node:util';
import type { Route } from '../../domain/traffic/route.ts';
import { formatServiceId, type ServiceKey } from '../../domain/service/service.ts';
import { StaleGenerationError } from '../router.ts';

/** The last write of a service that was heard. */
export interface LastWrite {
  generation: number;
  /** Absent when that write removed the service. */
  route?: Route;
}

/**
 * Lets a write pass unless it was overtaken (invariant 4).
 * @param write the route, or undefined for a removal
 * @returns `repeat` when it is the last write once more
 * @throws StaleGenerationError
 */
export function checkFence(
  service: ServiceKey,
  last: LastWrite | undefined,
  generation: number,
  write: Route | undefined,
): 'new' | 'repeat' {
  if (!last || generation > last.generation) return 'new';
  const id = formatServiceId(service);
  if (generation < last.generation) {
    throw new StaleGenerationError(`generation ${generation} of ${id} was overtaken by ${last.generation}`);
  }
  if (sameContent(write, last.route)) return 'repeat';
  throw new StaleGenerationError(`generation ${generation} of ${id} was written before with other content`);
}

/** The preferred port, of a preview as well, is no part of it: only the first write of a service is heard about that. */
function sameContent(one: Route | undefined, other: Route | undefined): boolean {
  const isSame = one?.closed === other?.closed && isDeepStrictEqual(one?.cohort, other?.cohort);
  const isSameLook = one?.preview?.revision === other?.preview?.revision;
  return isSame && isSameLook && isDeepStrictEqual(content(one), content(other));
}

function content(route: Route | undefined) {
  return route?.targets.toSorted((one, other) => one.revision - other.revision);
}
