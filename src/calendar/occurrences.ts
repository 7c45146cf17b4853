import { RRuleTemporal } from 'rrule-temporal';
import { DEFAULT_FIRST_DAY } from '../domain/gates/gate.ts';
import type { ListStarts } from '../domain/gates/window.ts';

/**
 * Beginnings by the calendar of a time zone. A time of day that a day does not have, since clocks are set forward over it, is
 * left out on that day, as RFC 5545 has it; one that a day has twice counts the first time. What never comes, 30 February,
 * has none.
 */
export const listOccurrences: ListStarts = ({ rule, starts = DEFAULT_FIRST_DAY }, timeZone, from, to) => {
  const recurrence = new RRuleTemporal({
    rruleString: `DTSTART;TZID=${timeZone}:${starts.replaceAll('-', '')}T000000\nRRULE:${rule}`,
    strict: true,
  });
  try {
    const found = recurrence.between(new Date(from), new Date(to), true);
    return found.map(({ epochMilliseconds }) => epochMilliseconds).filter((moment) => moment >= from && moment < to);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith(NEVER)) return [];
    throw error;
  }
};

/** What the library fails with once it has looked through 10,000 periods. */
const NEVER = 'Maximum iterations';
