import { Split } from '../../domain/traffic/split.ts';
import { COHORT_KEY, type CohortMap } from './cohort-map.ts';
import { type Slot, formatSlot } from './slots.ts';
import type { Wanted } from './wanted.ts';

/** Requests in a round; each has a number, and the map says which backend that is. */
export const ROUND = 100;

/** The key of what requests are told that nobody takes. */
export const REFUSAL_KEY = 'refusal';

/**
 * The map that decides where requests go: the backend of each request of a round, in smooth weighted round robin, and what
 * is answered where nobody has any weight. With a hundred requests to a round, each percent is one of them.
 *
 * @param map where the rule of the cohort is, of a route that has one
 */
export function renderRouteMap(
  { revisions, refusal, cohort }: Wanted,
  slots: readonly Slot[],
  map: CohortMap = 'a',
): string {
  const split = new Split(revisions);
  const picks = Array.from({ length: ROUND }, () => split.next()).flatMap((revision, turn) => {
    const slot = slots.find((each) => each.revision === revision);
    return slot ? [`${turn} ${formatSlot(slot.number)}`] : [];
  });
  const taker = slots.find(({ revision }) => revision === cohort?.revision);
  const taken = taker ? [`${COHORT_KEY} ${map}:${formatSlot(taker.number)}`] : [];
  return [...picks, ...taken, `${REFUSAL_KEY} ${JSON.stringify({ error: refusal })}`, ''].join('\n');
}
