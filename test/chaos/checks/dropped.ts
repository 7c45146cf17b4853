import { type Finding, findings } from '../findings.ts';
import type { Outages } from '../outages.ts';

const MOST_SHOWN = 3;

/** Requests that failed although no outage explains it. */
export function droppedFindings({ unexcused }: Outages): Finding[] {
  const shown = unexcused.slice(0, MOST_SHOWN).map(({ error, from, to }) => {
    return `a request failed after ${Math.round(to - from)} ms: ${error}`;
  });
  const more = unexcused.length - shown.length;
  return findings('dropped', more > 0 ? [...shown, `${more} more requests failed`] : shown);
}
