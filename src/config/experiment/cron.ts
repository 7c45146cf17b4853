import type { Refusal } from '../problems.ts';

/*
 * Expressions of five fields, as Temporal's schedules read them (temporalio/temporal, service/worker/scheduler/calendar.go):
 * strict, since libraries for cron know more (`L`, `#`, `?`, seconds) and other rules for days than the server that has to
 * keep to them.
 */

interface CronField {
  name: string;
  least: number;
  most: number;
  /** Words for the numbers from `least` on. */
  words?: readonly string[];
}

const FIELDS: readonly CronField[] = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of the month', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, words: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ') },
  { name: 'day of the week', least: 0, most: 7, words: 'sun mon tue wed thu fri sat'.split(' ') },
];

const WANTED = 'five fields: minute, hour, day of the month, month, day of the week, such as 0 2 * * *';

/** What shortcuts stand for. */
const SHORTCUTS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Days of each month in a leap year. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What is wrong with an expression; undefined where it says when. */
export function findCronFault(text: string): Refusal | undefined {
  const shortcut = Object.hasOwn(SHORTCUTS, text) ? SHORTCUTS[text] : undefined;
  if (shortcut !== undefined) return { wanted: WANTED, found: `'${text}'`, meant: shortcut };
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) return { wanted: WANTED, found: `'${text}'` };
  for (const [index, field] of FIELDS.entries()) {
    const part = parts[index] ?? '';
    if (readField(field, part) === undefined) return { wanted: wantedOf(field), found: `'${part}'` };
  }
  return everComes(parts) ? undefined : { wanted: 'a day that exists', found: `'${text}', which never comes` };
}

function wantedOf({ name, least, most, words }: CronField): string {
  const named = words === undefined ? '' : ` or ${words[0] ?? ''} to ${words.at(-1) ?? ''}`;
  return `as ${name}: *, ${least} to ${most}${named}, a span such as 1-5, a step such as */2, or several with commas`;
}

/** Each of its entries: `*`, `3`, `1-5`, `jan`, all of them with a step or without. */
const ENTRY = /^(?:(\*)|([a-z]{3}|\d{1,2})(?:-([a-z]{3}|\d{1,2}))?)(?:\/(\d{1,2}))?$/i;

/** The numbers that a field stands for; undefined where it is faulty. */
function readField(field: CronField, text: string): number[] | undefined {
  const found: number[] = [];
  for (const entry of text.split(',')) {
    const match = ENTRY.exec(entry);
    if (!match) return undefined;
    const [, star, from = '', to, step] = match;
    const first = star === undefined ? numberOf(field, from) : field.least;
    // A single number with a step goes on to the end.
    const isOpen = star !== undefined || (to === undefined && step !== undefined);
    const last = isOpen ? field.most : numberOf(field, to ?? from);
    const by = Number(step ?? 1);
    if (first === undefined || last === undefined || last < first || by < 1) return undefined;
    for (let number = first; number <= last; number += by) found.push(number);
  }
  return found;
}

function numberOf({ least, most, words = [] }: CronField, text: string): number | undefined {
  const index = words.indexOf(text.toLowerCase());
  if (index >= 0) return least + index;
  const number = /^\d/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
}

/** Whether any month that is meant has a day that is meant. */
function everComes(parts: readonly string[]): boolean {
  const [, , dayField, monthField] = FIELDS;
  if (!dayField || !monthField) return true;
  const days = readField(dayField, parts[2] ?? '') ?? [];
  const months = readField(monthField, parts[3] ?? '') ?? [];
  return months.some((month) => days.some((day) => day <= (DAYS[month - 1] ?? 0)));
}
