import { FunctionExpressionType, JSONPathEnvironment, JSONPathError, type JSONPathQuery } from 'json-p3';
import type { Json } from '../../domain/json.ts';
import { type Pattern, readPattern } from './pattern.ts';

/** Each `..` looks at everything below everything before it: two of them take the square of a body's size. */
const MOST_DESCENTS = 1;
const CACHED_PATTERNS = 16;
const QUOTED = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g;

const environment = new JSONPathEnvironment();
// The package's own use regular expressions that a text can make run for minutes.
environment.functionRegister.set(
  'match',
  filterFunction((pattern, text) => pattern.isAllOf(text)),
);
environment.functionRegister.set(
  'search',
  filterFunction((pattern, text) => pattern.isIn(text)),
);

/** Why a text is no JSONPath (RFC 9535) that a check may use; undefined where it is one. */
export function jsonPathFault(path: string): string | undefined {
  const read = compile(path);
  if ('fault' in read) return read.fault;
  const descents = path.replaceAll(QUOTED, '').split('..').length - 1;
  return descents > MOST_DESCENTS ? `${descents} times '..', where ${MOST_DESCENTS} is the most` : undefined;
}

/** All that a path finds in a value, in order; or why it cannot be followed there. */
export function findJson(path: string, value: Json): { found: Json[] } | { fault: string } {
  const read = compile(path);
  if ('fault' in read) return read;
  try {
    return { found: read.query.query(value).values() as Json[] };
  } catch (error) {
    // Of a value that is nested very deeply.
    return faultOf(error);
  }
}

function compile(path: string): { query: JSONPathQuery } | { fault: string } {
  try {
    return { query: environment.compile(path) };
  } catch (error) {
    return faultOf(error);
  }
}

function faultOf(error: unknown): { fault: string } {
  if (error instanceof JSONPathError || error instanceof RangeError) return { fault: error.message };
  throw error;
}

function filterFunction(judge: (pattern: Pattern, text: string) => boolean) {
  const known = new Map<string, Pattern | { fault: string }>();
  return {
    argTypes: [FunctionExpressionType.ValueType, FunctionExpressionType.ValueType],
    returnType: FunctionExpressionType.LogicalType,
    call(text: unknown, source: unknown): boolean {
      if (typeof text !== 'string' || typeof source !== 'string') return false;
      const pattern = known.get(source) ?? readPattern(source);
      if (known.size >= CACHED_PATTERNS) known.clear();
      known.set(source, pattern);
      return 'fault' in pattern ? false : judge(pattern, text);
    },
  };
}
