import { z } from 'zod';
import { describeValue } from '../fault.ts';
import { refuse } from '../problems.ts';

/** Which numbers a set may have, and what they may be called. */
export interface SetLimits {
  least: number;
  most: number;
  /** What one is: `an hour`. */
  what: string;
  /** Names of the numbers from `least` on, in lower case. */
  names?: readonly string[];
}

/** Numbers from `2`, `1-5`, `mon-fri`, or a list of such; in rising order, each once. */
export function numberSet(limits: SetLimits): z.ZodType<number[]> {
  const { least, most, what, names } = limits;
  const named = names === undefined ? '' : `, a name such as ${names[1] ?? ''}`;
  const wanted = `${what} from ${least} to ${most}${named}, or a span such as ${least + 1}-${least + 3}`;
  const one = { anyOf: [{ type: 'integer', minimum: least, maximum: most }, { type: 'string' }] };
  return z
    .unknown()
    .meta({
      $comment: `${what} from ${least} to ${most}${named}, a span, or a list of such`,
      anyOf: [...one.anyOf, { type: 'array', minItems: 1, items: one }],
    })
    .transform((value, context) => {
      const items: unknown[] = Array.isArray(value) ? value : [value];
      if (items.length === 0) refuse(context, { wanted, found: 'an empty list' });
      const numbers = items.flatMap((item, index) => {
        const read = readSpan(limits, item);
        if (read) return read;
        refuse(context, { path: Array.isArray(value) ? [index] : [], wanted, found: describeValue(item) });
        return [];
      });
      return [...new Set(numbers)].toSorted((one, other) => one - other);
    });
}

function readSpan(limits: SetLimits, value: unknown): number[] | undefined {
  if (typeof value === 'number') return isWithin(limits, value) ? [value] : undefined;
  const [, from = '', to = from] = /^(\w+)(?:-(\w+))?$/.exec(typeof value === 'string' ? value : '') ?? [];
  const first = readNumber(limits, from);
  const last = readNumber(limits, to);
  if (first === undefined || last === undefined || first > last) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function readNumber(limits: SetLimits, text: string): number | undefined {
  const index = limits.names?.indexOf(text.toLowerCase()) ?? -1;
  if (index >= 0) return limits.least + index;
  const number = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return isWithin(limits, number) ? number : undefined;
}

function isWithin({ least, most }: SetLimits, number: number): boolean {
  return Number.isInteger(number) && number >= least && number <= most;
}
