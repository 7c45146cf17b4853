const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** The five fields in order, with what Temporal takes in each; a 7 is another Sunday. */
const FIELDS: readonly Field[] = [
  { name: 'the minute', least: 0, most: 59 },
  { name: 'the hour', least: 0, most: 23 },
  { name: 'the day of the month', least: 1, most: 31 },
  { name: 'the month', least: 1, most: 12, names: MONTHS },
  { name: 'the day of the week', least: 0, most: 7, names: DAYS },
];

interface Field {
  name: string;
  least: number;
  most: number;
  /** What may stand for the numbers, from the least on. */
  names?: readonly string[];
}

/**
 * What is wrong with a cron expression, in words; undefined where nothing is. Checked here, since it is on record before
 * Temporal sees it.
 */
export function findCronFault(expression: string): string | undefined {
  const texts = expression.trim().split(/\s+/);
  if (texts.length !== FIELDS.length || expression.trim() === '') {
    return `expected five fields, minute first, such as 0 2 * * *, found '${expression}'`;
  }
  const wrong = FIELDS.findIndex((field, index) => !isField(texts[index] ?? '', field));
  const field = FIELDS[wrong];
  if (!field) return undefined;
  const { name, least, most, names } = field;
  const or = names ? ` or ${names[0]} to ${names.at(-1)}` : '';
  return `expected ${name} as *, or numbers from ${least} to ${most}${or}, with -, / and commas, found '${texts[wrong]}'`;
}

function isField(text: string, field: Field): boolean {
  return text.split(',').every((part) => isPart(part, field));
}

/** `*`, `5`, `1-5`, `mon-fri`, and any of them with a step behind it. */
function isPart(part: string, field: Field): boolean {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d{0,2}$/.test(step))) return false;
  if (range === '*') return true;
  const [from, to, ...others] = range.split('-').map((text) => readValue(text, field));
  if (from === undefined || others.length > 0) return false;
  return range.includes('-') ? to !== undefined && from <= to : true;
}

function readValue(text: string, { least, most, names }: Field): number | undefined {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return least + named;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value >= least && value <= most ? value : undefined;
}
