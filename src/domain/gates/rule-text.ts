/**
 * What a rule of a window may say: an RRULE of RFC 5545, section 3.3.10, from YEARLY to DAILY. A window lasts, so one that comes
 * every hour is one that comes every day with several BYHOUR. https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10
 */

const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
const DAYS = 'MO|TU|WE|TH|FR|SA|SU';
const WEEKDAY = new RegExp(`^(?:${DAYS})$`);
const NUMBERED_DAY = new RegExp(`^(?:[+-]?[1-9]\\d?)?(?:${DAYS})$`);
const MOST_CHARACTERS = 400;

/** What a part may be, and in words. */
interface Part {
  is: (value: string) => boolean;
  wanted: string;
}

const numbers = (least: number, most: number, signed = false): Part => ({
  is: (value) =>
    value.split(',').every((each) => {
      if (!(signed ? /^[+-]?\d{1,3}$/ : /^\d{1,3}$/).test(each)) return false;
      const size = Math.abs(Number(each));
      return size >= least && size <= most;
    }),
  wanted: `numbers from ${least} to ${most}${signed ? ', or so many from the end, such as -1' : ''}, with commas`,
});

const count: Part = { is: (value) => /^[1-9]\d{0,3}$/.test(value), wanted: 'a whole number from 1 to 9999' };

const PARTS: Readonly<Record<string, Part>> = {
  FREQ: { is: (value) => FREQUENCIES.includes(value), wanted: `one of ${FREQUENCIES.join(', ')}` },
  INTERVAL: count,
  COUNT: count,
  UNTIL: { is: (value) => /^\d{8}T\d{6}Z$/.test(value), wanted: 'a time in UTC, such as 20261231T235959Z' },
  WKST: { is: (value) => WEEKDAY.test(value), wanted: 'a day, such as MO' },
  BYDAY: {
    is: (value) => value.split(',').every((day) => NUMBERED_DAY.test(day)),
    wanted: 'days with commas, such as MO,TU or, of a month, 1MO',
  },
  BYMONTH: numbers(1, 12),
  BYMONTHDAY: numbers(1, 31, true),
  BYYEARDAY: numbers(1, 366, true),
  BYWEEKNO: numbers(1, 53, true),
  BYSETPOS: numbers(1, 366, true),
  BYHOUR: numbers(0, 23),
  BYMINUTE: numbers(0, 59),
};

export const RULE_EXAMPLE = 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH;BYHOUR=9';

/** What is wrong with a rule, all of it, each as what would be right; empty where nothing is. */
export function findRuleFaults(rule: string): string[] {
  if (rule.length > MOST_CHARACTERS) return [`at most ${MOST_CHARACTERS} characters`];
  const parts = readParts(rule);
  if (!parts) return [`an RRULE of RFC 5545 without its name, such as ${RULE_EXAMPLE}`];
  const names = parts.map(([name]) => name);
  const value = (name: string): string | undefined => parts.find(([each]) => each === name)?.[1];
  return [
    ...parts.flatMap(([name, given], index) => {
      const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
      if (!part) return [`only ${Object.keys(PARTS).join(', ')}, and not ${name}`];
      if (names.indexOf(name) !== index) return [`${name} once`];
      return part.is(given) ? [] : [`${name} as ${part.wanted}`];
    }),
    ...(names.includes('FREQ') ? [] : [`FREQ, one of ${FREQUENCIES.join(', ')}`]),
    ...(names.includes('COUNT') && names.includes('UNTIL') ? ['COUNT or UNTIL, not both'] : []),
    ...findMisplacedParts(value),
  ];
}

/** Parts that mean nothing with this frequency, by RFC 5545. */
function findMisplacedParts(value: (name: string) => string | undefined): string[] {
  const frequency = value('FREQ');
  const isNumbered = /\d/.test(value('BYDAY') ?? '');
  return [
    ...(value('BYWEEKNO') !== undefined && frequency !== 'YEARLY' ? ['BYWEEKNO with FREQ=YEARLY only'] : []),
    ...(value('BYYEARDAY') !== undefined && frequency !== 'YEARLY' ? ['BYYEARDAY with FREQ=YEARLY only'] : []),
    ...(value('BYMONTHDAY') !== undefined && frequency === 'WEEKLY' ? ['BYMONTHDAY not with FREQ=WEEKLY'] : []),
    ...(isNumbered && (frequency === 'DAILY' || frequency === 'WEEKLY')
      ? ['numbered days in BYDAY with FREQ=MONTHLY or FREQ=YEARLY only']
      : []),
  ];
}

function readParts(rule: string): [name: string, value: string][] | undefined {
  const parts = rule.split(';').map((part) => part.split('='));
  const isWhole = parts.every(([name = '', value = '', ...rest]) => name !== '' && value !== '' && rest.length === 0);
  return isWhole ? (parts as [string, string][]) : undefined;
}

/** A day that there is: `2026-12-21`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
