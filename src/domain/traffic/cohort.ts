/** A header or a cookie, and what it has to say. */
export interface NameValue {
  /** Of a header, whatever the case of its letters. */
  name: string;
  /** All of it, letter by letter. */
  value: string;
}

/** Which requests are a cohort's: those with the header, and those with the cookie. One of them at least. */
export interface CohortRule {
  header?: NameValue;
  cookie?: NameValue;
}

/** Requests that one revision gets whatever its weight is. The weights are shares of all others. */
export interface Cohort extends CohortRule {
  revision: number;
}

/** What routers can look for without a doubt: nothing that has to be quoted, or that one of them reads in another way. */
export const RULE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
export const RULE_VALUE = /^[A-Za-z0-9._~:/+=@-]{1,128}$/;

/** Headers that say something to routers themselves, or that they write. */
const TAKEN =
  /^(?:cookie|host|connection|keep-alive|upgrade|te|trailer|transfer-encoding|content-length|expect|forwarded|x-forwarded-.*)$/i;

/** Whether a header of this name is left to clients by every router. */
export function isFreeHeader(name: string): boolean {
  return !TAKEN.test(name);
}

/** What is wrong with a cohort's rule, all of it. */
export function findCohortFaults({ header, cookie }: CohortRule): string[] {
  const faults: string[] = [];
  if (!header && !cookie) faults.push('the cohort has neither a header nor a cookie; use one of them');
  for (const [kind, pair] of [
    ['header', header],
    ['cookie', cookie],
  ] as const) {
    if (pair && !RULE_NAME.test(pair.name)) {
      faults.push(`${kind} ${pair.name} of the cohort; use letters, digits, _ and -, at most 64`);
    }
    if (pair && !RULE_VALUE.test(pair.value)) {
      faults.push(`the value of ${kind} ${pair.name} of the cohort; use 1 to 128 letters, digits and ._~:/+=@-`);
    }
  }
  if (header && !isFreeHeader(header.name)) {
    faults.push(`header ${header.name} of the cohort belongs to HTTP or to the router; use another`);
  }
  return faults;
}

/**
 * Whether a request is one of the cohort's. A header or cookie that comes more than once counts if one of them matches.
 *
 * @param headers names and values in turn, as Node has them in `rawHeaders`
 */
export function isInCohort({ header, cookie }: CohortRule, headers: readonly string[]): boolean {
  const headerName = header?.name.toLowerCase();
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index]?.toLowerCase();
    const value = headers[index + 1] ?? '';
    if (headerName !== undefined && name === headerName && value.trim() === header?.value) return true;
    if (cookie && name === 'cookie' && hasCookie(value, cookie)) return true;
  }
  return false;
}

function hasCookie(pairs: string, { name, value }: NameValue): boolean {
  return pairs.split(';').some((pair) => pair.trim() === `${name}=${value}`);
}

/** The name of the header and the cookie by which a revision is asked for before it has traffic. */
export const REVISION_NAME = 'supplant-revision';

/** `supplant-revision: r7`, as a header or a cookie. */
export function buildInspectionRule(revision: number): CohortRule {
  const pair = { name: REVISION_NAME, value: `r${revision}` };
  return { header: pair, cookie: pair };
}

/** `requests with the header x-beta: yes or the cookie beta=yes` */
export function describeCohort({ header, cookie }: CohortRule): string {
  const pairs = [
    ...(header ? [`the header ${header.name}: ${header.value}`] : []),
    ...(cookie ? [`the cookie ${cookie.name}=${cookie.value}`] : []),
  ];
  return `requests with ${pairs.join(' or ')}`;
}
