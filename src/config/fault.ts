/** One thing wrong with a value that somebody wrote: where in it, what was found, and what would be right. */
export interface Problem {
  /** Keys and indexes from the outermost value: `['checks', 0, 'http', 'status']`. */
  path: readonly (string | number)[];
  /** What stands there, in words: `99999`, `nothing`, `a list`. */
  found: string;
  /** What would be right, in words: `a whole number from 1 to 65535`. */
  wanted: string;
  /** The known word that was probably meant, for an unknown one. */
  meant?: string;
  /** The key is wrong rather than its value. */
  atKey?: boolean;
}

/** One thing wrong with a file: a {@link Problem} and its place. */
export interface Fault {
  /** `checks[0].http.status`; empty for the file as a whole. */
  path: string;
  /** Both count from 1. */
  line: number;
  column: number;
  found: string;
  wanted: string;
  meant?: string;
}

/** Faults shown of one input: beyond this, more lines help nobody. */
export const MOST_FAULTS = 50;

/** The fault without its place: `expected a whole number from 1 to 65535, found 99999`. */
export function faultMessage(fault: Pick<Fault, 'wanted' | 'found' | 'meant'>): string {
  const hint = fault.meant === undefined ? '' : `; did you mean '${fault.meant}'?`;
  return `expected ${fault.wanted}, found ${fault.found}${hint}`;
}

/** A path as people write it: `checks[0].http.status`. */
export function formatPath(path: Problem['path']): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

const LONGEST_SHOWN = 60;

/** What a value is, for people: `99999`, `'blue'`, `a list`, `nothing`. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return typeof value;
  const text = `'${value}'`;
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN - 3)}...` : line;
}
