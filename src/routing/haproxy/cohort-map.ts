import type { CohortRule, NameValue } from '../../domain/traffic/cohort.ts';

/**
 * Two maps of regular expressions, of which the route map says which one counts: the other one can be written before the
 * route changes, so that rule and weights change as one.
 */
export const COHORT_MAPS = { a: 'cohort-a.map', b: 'cohort-b.map' } as const;

export type CohortMap = keyof typeof COHORT_MAPS;

/** The key of the route map that says which map counts, and who gets what it matches: `a:slot-03`. */
export const COHORT_KEY = 'cohort';

/** The map that does not count by now, from what `show map` says of the route map. */
export function chooseCohortMap(routeMap: string): CohortMap {
  return /^0x[0-9a-f]+ cohort a:/m.test(routeMap) ? 'b' : 'a';
}

/**
 * The expressions that match all headers of a request of the cohort, a line each, with blanks for tabs: HAProxy knows no
 * header whose name is said later. Names and values of pairs have no letters that mean anything in an expression but those
 * that are escaped here.
 */
export function renderCohortMap({ header, cookie }: CohortRule): string {
  const lines = [
    ...(header ? [`(^|[[:cntrl:]])${anyCase(header)}:[[:blank:]]*${escape(header.value)}[[:blank:]]*[[:cntrl:]]`] : []),
    ...(cookie
      ? [
          `(^|[[:cntrl:]])[cC][oO][oO][kK][iI][eE]:([^[:cntrl:]]*;)?[[:blank:]]*${escape(`${cookie.name}=${cookie.value}`)}[[:blank:]]*(;|[[:cntrl:]])`,
        ]
      : []),
  ];
  return [...lines.map((expression) => `${expression} 1`), ''].join('\n');
}

function anyCase({ name }: NameValue): string {
  return name.replaceAll(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
}

function escape(text: string): string {
  return text.replaceAll(/[.+]/g, String.raw`\$&`);
}
