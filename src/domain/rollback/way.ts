import { formatRevisionName } from '../service/revision.ts';
import type { ServiceSettings } from '../service/service.ts';
import { type ServiceState, findActive } from '../service/state.ts';
import { type WayBack, judgeReturn } from './window.ts';

/** How a service gets back to a revision as things stand. */
export function findWay(
  { revisionSet, formerly }: Pick<ServiceState, 'revisionSet' | 'formerly'>,
  { rollbackWindow }: Pick<ServiceSettings, 'rollbackWindow'>,
  revision: number,
  now: Date,
): WayBack {
  const warm = revisionSet.warm.find((standing) => standing.revision.number === revision);
  if (warm) return judgeReturn(rollbackWindow, { revision, formerly, since: warm.since, now });
  const name = formatRevisionName(revision);
  // What is live now may not be by then: the rollout looks again when it begins.
  if (findActive(revisionSet, revision)) return { isAtOnce: true, because: `${name} is live` };
  return { isAtOnce: false, because: `${name} has no stack any more, and is made again` };
}
