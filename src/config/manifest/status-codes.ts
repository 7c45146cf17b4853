import { z } from 'zod';
import { describeValue } from '../fault.ts';
import { refuse } from '../problems.ts';

const FIRST = 100;
const LAST = 599;
const WANTED = `a status code from ${FIRST} to ${LAST} or a span such as 200-299`;
const CODES = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/;

const ONE = {
  anyOf: [
    { type: 'integer', minimum: FIRST, maximum: LAST },
    { type: 'string', pattern: CODES.source },
  ],
};

/** Accepted codes from `204`, `200-299`, or a list of both; in rising order, each once. */
export function statusCodes(): z.ZodType<number[]> {
  return z
    .unknown()
    .meta({
      $comment: 'a status code from 100 to 599, a span such as 200-299, or a list of such',
      anyOf: [...ONE.anyOf, { type: 'array', minItems: 1, items: ONE }],
    })
    .transform((value, context) => {
      const items: unknown[] = Array.isArray(value) ? value : [value];
      if (items.length === 0) refuse(context, { wanted: WANTED, found: 'an empty list' });
      const codes = items.flatMap((item, index) => {
        const read = readCodes(item);
        const path = Array.isArray(value) ? [index] : [];
        if (!read) refuse(context, { path, wanted: WANTED, found: describeValue(item) });
        return read ?? [];
      });
      return [...new Set(codes)].toSorted((one, other) => one - other);
    });
}

function readCodes(value: unknown): number[] | undefined {
  const match = CODES.exec(typeof value === 'string' || typeof value === 'number' ? String(value) : '');
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || first > last) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
