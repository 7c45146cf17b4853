import type { z } from 'zod';
import { describeValue, type Problem } from './fault.ts';
import { nearest } from './nearest.ts';

/** A value that fits a schema, complete with defaults; or everything that is wrong with it. */
export type Checked<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/**
 * Checks a value by a schema. The message of each issue is what would be right, in words: a schema's own `error`, or the
 * words of {@link wordsFor}.
 */
export function checkValue<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  // Compiling a schema pays where it reads thousands of values; we read one.
  const read = schema.safeParse(value, { error: wordsFor, reportInput: true, jitless: true });
  if (read.success) return { ok: true, value: read.data };
  return { ok: false, problems: read.error.issues.flatMap((issue) => problemsOf(issue, [])) };
}

/** What an issue of our own says beyond what would be right; see {@link refuse}. */
export interface Refusal {
  wanted: string;
  /** The value as it is described, unless told. */
  found?: string;
  meant?: string;
  /** From the value that is being looked at; itself unless told. */
  path?: Problem['path'];
  atKey?: boolean;
}

/** Notes a problem from within a refinement or a transformation. */
export function refuse(context: z.RefinementCtx, { wanted, path, ...params }: Refusal): void {
  const given = params.found === undefined ? { ...params, found: describeValue(context.value) } : params;
  context.addIssue({ code: 'custom', message: wanted, params: given, ...(path ? { path: [...path] } : {}) });
}

function problemsOf(issue: Issue, base: Problem['path']): Problem[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  const wanted = issue.message;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key, JSON.parse(wanted) as KnownKeys));
    case 'invalid_union':
      return nearestBranch(issue).flatMap((inner) => problemsOf(inner, path));
    case 'invalid_key':
      return [{ path, wanted: issue.issues[0]?.message ?? wanted, found: describeValue(path.at(-1)), atKey: true }];
    case 'invalid_value': {
      const words = issue.values.filter((word) => typeof word === 'string');
      const meant = typeof issue.input === 'string' ? nearest(issue.input, words)[0] : undefined;
      return [{ path, wanted, found: describeValue(issue.input), ...(meant === undefined ? {} : { meant }) }];
    }
    case 'custom':
      return [{ path, wanted, found: describeValue(issue.input), ...(issue.params as Partial<Problem> | undefined) }];
    default:
      return [{ path, wanted, found: describeSize(issue) ?? describeValue(issue.input) }];
  }
}

/** Of lists of a wrong length, what matters. */
function describeSize(issue: Issue): string | undefined {
  if (issue.code !== 'too_small' && issue.code !== 'too_big') return undefined;
  if (!Array.isArray(issue.input)) return undefined;
  return issue.input.length === 0 ? 'an empty list' : String(issue.input.length);
}

/** The issues of the one form that the value was probably meant to have: the first whose type it has. */
function nearestBranch({ errors }: z.core.$ZodIssueInvalidUnion): Issue[] {
  const fits = (issues: Issue[]): boolean =>
    !issues.some(({ code, path }) => path.length === 0 && code === 'invalid_type');
  return errors.find(fits) ?? errors[0] ?? [];
}

/** What the message of an `unrecognized_keys` issue carries, as JSON: zod keeps the known keys to itself. */
interface KnownKeys {
  known: string[];
  /** What keys that people are likely to write are called here. */
  instead: Record<string, string>;
}

export function encodeKnownKeys(known: readonly string[], instead: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({ known, instead } satisfies { known: readonly string[]; instead: object });
}

function unknownKey(parent: Problem['path'], key: string, { known, instead }: KnownKeys): Problem {
  const path = [...parent, key];
  const other = Object.hasOwn(instead, key) ? instead[key] : undefined;
  if (other !== undefined) return { path, wanted: other, found: `the key '${key}'`, atKey: true };
  const meant = nearest(key, known)[0];
  const found = `the unknown key ${describeValue(key)}`;
  const wanted = `only ${known.join(', ')} here`;
  return { path, wanted, found, atKey: true, ...(meant === undefined ? {} : { meant }) };
}

/** What would be right, where a schema has no words of its own for it. */
function wordsFor(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys': {
      const { shape } = (issue.inst?._zod.def ?? {}) as { shape?: object };
      return encodeKnownKeys(Object.keys(shape ?? {}));
    }
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return issue.pattern === undefined ? `text of the form ${issue.format}` : `text that matches ${issue.pattern}`;
    default:
      return undefined;
  }
}

const TYPES: Partial<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}
