import { z } from 'zod';
import { DURATION, DURATION_EXAMPLES, formatDuration, parseDuration } from './duration.ts';
import { encodeKnownKeys, refuse } from './problems.ts';

/**
 * The kinds of values that people write in a file of ours, on top of zod: each says in words what would be right, and
 * describes itself in a published JSON Schema.
 */

/** Longest text anywhere, in characters. */
const LONGEST_TEXT = 4096;

/**
 * Has a refinement run where there are other faults too, so that all of them are told at once. What it is given is a
 * mapping or a list, but each of its parts may be of the wrong type.
 */
export const ALWAYS = {
  when: ({ value }: { value: unknown }) => typeof value === 'object' && value !== null,
} as const;

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
// eslint-disable-next-line no-control-regex
const CONTROL_BUT_BREAKS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Has a refinement run only where nothing is wrong yet, so that one value is told one fault. */
export const FIRST = { when: ({ issues }: { issues: readonly unknown[] }) => issues.length === 0 } as const;

/** Text without line breaks and other control characters. `missing` says what would be right where there is none. */
export function text(wanted = 'text', pattern?: RegExp, missing = wanted): z.ZodType<string> {
  const error = ({ input }: { input?: unknown }): string => {
    if (input === undefined) return missing;
    const isInQuotes = typeof input === 'number' && (pattern?.test(String(input)) ?? true);
    return isInQuotes ? `${wanted}, in quotes` : wanted;
  };
  if (!pattern) return limited(z.string({ error }).min(1, { error: wanted }), CONTROL);
  // Editors show it instead of the pattern.
  const words = { patternErrorMessage: `expected ${wanted}` };
  return limited(z.string({ error }).regex(pattern, { error: wanted }).meta(words), CONTROL);
}

/** Text of one line or more. */
export function lines(wanted = 'text'): z.ZodType<string> {
  const error = ({ input }: { input?: unknown }): string =>
    typeof input === 'number' ? `${wanted}, in quotes` : wanted;
  return limited(z.string({ error }).min(1, { error: wanted }), CONTROL_BUT_BREAKS);
}

function limited(string: z.ZodString, control: RegExp): z.ZodType<string> {
  return string.superRefine((value, context) => {
    if (control.test(value)) refuse(context, { wanted: 'text without control characters' });
    else if (value.length > LONGEST_TEXT) refuse(context, { wanted: `at most ${LONGEST_TEXT} characters` });
  }, FIRST);
}

export function wholeNumber(least: number, most: number): z.ZodType<number> {
  const error = `a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** A number that need not be whole. */
export function amount(least: number, most: number): z.ZodType<number> {
  const error = `a number from ${least} to ${most}`;
  return z
    .number({ error })
    .min(least, { error })
    .max(most, { error })
    .meta({ $comment: `${least} to ${most}` });
}

/** Limits in milliseconds, and in words: `from 10ms to 1h`. */
export interface DurationLimits {
  least: number;
  most: number;
  words: string;
}

/** Those that would be right: one that is refused helps nobody. */
function chooseExamples(least: number, most: number): string {
  const examples = DURATION_EXAMPLES.filter((text) => {
    const milliseconds = parseDuration(text);
    return milliseconds !== undefined && milliseconds >= least && milliseconds <= most;
  });
  const [last = formatDuration(most), ...others] = examples.toReversed();
  return others.length === 0 ? last : `${others.toReversed().join(', ')} or ${last}`;
}

/** Milliseconds, from text such as `1h30m`. `shown` is a default that is not the schema's own to set. */
export function duration({ least, most, words }: DurationLimits, shown?: string): z.ZodType<number> {
  const wanted = `a duration ${words}, such as ${chooseExamples(least, most)}`;
  return z
    .unknown()
    .meta({
      type: 'string',
      pattern: DURATION.source,
      patternErrorMessage: `expected ${wanted}`,
      $comment: `a duration ${words}`,
      ...(shown === undefined ? {} : { default: shown }),
    })
    .transform((value, context) => {
      const milliseconds = typeof value === 'string' ? parseDuration(value) : undefined;
      if (milliseconds !== undefined && milliseconds >= least && milliseconds <= most) return milliseconds;
      refuse(context, { wanted, ...(typeof value === 'number' ? { found: `${value} without a unit` } : {}) });
      return z.NEVER;
    });
}

/** A mapping with these keys only. `instead` says what a key that people are likely to write is called here. */
export function mapping<Shape extends z.ZodRawShape>(
  shape: Shape,
  instead: Readonly<Record<string, string>> = {},
): z.ZodObject<Shape, z.core.$strict> {
  const known = encodeKnownKeys(Object.keys(shape), instead);
  return z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? known : undefined) });
}

/** A mapping with keys of the user's own. */
export function entries<Value>(value: z.ZodType<Value>): z.ZodType<Record<string, Value>> {
  return z.preprocess(
    (given, context) => {
      // zod would leave it out silently.
      if (typeof given === 'object' && given !== null && Object.hasOwn(given, '__proto__')) {
        refuse(context, { path: ['__proto__'], wanted: 'another name', found: "the key '__proto__'", atKey: true });
      }
      return given;
    },
    z.record(z.string(), value),
  );
}

/** What would be right instead of what is no list, or an empty one, or too long. */
export interface ListWords {
  list: string;
  empty: string;
  /** Where there is none; as for what is no list, unless told. */
  missing?: string;
}

/** A list of at least one entry. */
export function list<Item extends z.ZodType>(item: Item, { list: wanted, empty, missing = wanted }: ListWords) {
  return z.array(item, { error: ({ input }) => (input === undefined ? missing : wanted) }).min(1, { error: empty });
}

/** A key that has one value only, which stands for what the file is. */
export function constant<Value extends string>(key: string, value: Value): z.ZodType<Value> {
  return z.literal(value, { error: ({ input }) => (input === undefined ? `${key}: ${value}` : undefined) });
}
