/*
 * Expressions of five fields, as Temporal's schedules read them (temporalio/temporal, service/worker/scheduler/calendar.go):
 * strict, since libraries for cron know more (`L`, `#`, `?`, seconds) and other rules for days than the server that has to
 * keep to them.
 */

interface Field {
  name: string;
  least: number;
  most: number;
  /** What may stand for the numbers, from the least on. */
  names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const DAY_FIELD: Field = { name: 'the day of the month', least: 1, most: 31 };
const MONTH_FIELD: Field = { name: 'the month', least: 1, most: 12, names: MONTHS };

/** The five fields in order, with what Temporal takes in each; a 7 is another Sunday. */
const FIELDS: readonly Field[] = [
  { name: 'the minute', least: 0, most: 59 },
  { name: 'the hour', least: 0, most: 23 },
  DAY_FIELD,
  MONTH_FIELD,
  { name: 'the day of the week', least: 0, most: 7, names: DAYS },
];

const WANTED = 'five fields, minute first, such as 0 2 * * *';

/** What shortcuts stand for, which are not taken: they would not say what they mean in a list of runs. */
const SHORTCUTS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Of each month in a leap year. */
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What is wrong with an expression: what would be right, and what was found. */
export interface CronFault {
  wanted: string;
  found: string;
  meant?: string;
}

/**
 * What is wrong with a cron expression; undefined where it says when. Checked here, since it is on record before Temporal
 * sees it.
 */
export function checkCron(expression: string): CronFault | undefined {
  const text = expression.trim();
  const shortcut = Object.hasOwn(SHORTCUTS, text) ? SHORTCUTS[text] : undefined;
  if (shortcut !== undefined) return { wanted: WANTED, found: `'${expression}'`, meant: shortcut };
  const parts = text.split(/\s+/);
  if (parts.length !== FIELDS.length) return { wanted: WANTED, found: `'${expression}'` };
  const wrong = FIELDS.findIndex((field, index) => readField(field, parts[index] ?? '') === undefined);
  const field = FIELDS[wrong];
  if (field) return { wanted: wantedOf(field), found: `'${parts[wrong] ?? ''}'` };
  return everComes(parts) ? undefined : { wanted: 'a day that exists', found: `'${expression}', which never comes` };
}

/** The same in words. */
export function findCronFault(expression: string): string | undefined {
  const fault = checkCron(expression);
  if (!fault) return undefined;
  const hint = fault.meant === undefined ? '' : `; did you mean '${fault.meant}'?`;
  return `expected ${fault.wanted}, found ${fault.found}${hint}`;
}

function wantedOf({ name, least, most, names }: Field): string {
  const or = names ? ` or ${names[0] ?? ''} to ${names.at(-1) ?? ''}` : '';
  return `${name} as *, or numbers from ${least} to ${most}${or}, with -, / and commas`;
}

/** Each of its entries: `*`, `3`, `1-5`, `mon-fri`, all of them with a step or without. */
const ENTRY = /^(?:(\*)|([a-z]{3}|\d{1,2})(?:-([a-z]{3}|\d{1,2}))?)(?:\/(\d{1,3}))?$/i;

/** The numbers that a field stands for; undefined where it is faulty. */
function readField(field: Field, text: string): number[] | undefined {
  const found: number[] = [];
  for (const entry of text.split(',')) {
    const match = ENTRY.exec(entry);
    if (!match) return undefined;
    const [, star, from = '', to, step] = match;
    const first = star === undefined ? readValue(from, field) : field.least;
    // A single number with a step goes on to the end.
    const isOpen = star !== undefined || (to === undefined && step !== undefined);
    const last = isOpen ? field.most : readValue(to ?? from, field);
    const by = Number(step ?? 1);
    if (first === undefined || last === undefined || last < first || by < 1) return undefined;
    for (let number = first; number <= last; number += by) found.push(number);
  }
  return found;
}

function readValue(text: string, { least, most, names }: Field): number | undefined {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return least + named;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

/** Whether any month that is meant has a day that is meant. */
function everComes(parts: readonly string[]): boolean {
  const days = readField(DAY_FIELD, parts[2] ?? '') ?? [];
  const months = readField(MONTH_FIELD, parts[3] ?? '') ?? [];
  return months.some((month) => days.some((day) => day <= (LENGTHS[month - 1] ?? 0)));
}
