import { inspect } from 'node:util';

/** A cause as far as a report shows it: plain, since mocha's workers send nothing else of it. */
interface PlainCause {
  readonly message: string;
  readonly stack: string;
  readonly cause?: PlainCause;
}

/**
 * Makes what an error was caused by part of what a mocha worker sends to the process that reports. Left alone it is lost
 * there: mocha copies enumerable properties, and `cause` is none.
 */
export function exposeCauses(error: unknown): void {
  const plain = listCauses(error).reduceRight<PlainCause | undefined>(
    (cause, each) => ({ message: messageOf(each), stack: stackOf(each), ...(cause && { cause }) }),
    undefined,
  );
  if (plain) Object.defineProperty(error, 'cause', { value: plain, enumerable: true, configurable: true });
}

/** The first lines of an error's message and stack, then those of what it was caused by, and so on. */
export function describeError(error: unknown, linesEach: number): string[] {
  const first = (each: unknown): string[] => stackOf(each).split('\n').slice(0, linesEach);
  return [
    ...first(error),
    ...listCauses(error).flatMap((cause) => {
      const [line = '', ...more] = first(cause);
      return [`Caused by: ${line}`, ...more];
    }),
  ];
}

/** Outermost first; a chain that comes back to itself ends there. */
function listCauses(error: unknown): unknown[] {
  const chain = [error];
  for (let last = error; hasCause(last) && !chain.includes(last.cause); last = last.cause) chain.push(last.cause);
  return chain.slice(1);
}

function hasCause(value: unknown): value is { readonly cause: unknown } {
  return typeof value === 'object' && value !== null && 'cause' in value && (value.cause ?? undefined) !== undefined;
}

function messageOf(value: unknown): string {
  return isErrorLike(value) ? value.message : inspect(value);
}

/** What has no stack is shown as it is. */
function stackOf(value: unknown): string {
  return isErrorLike(value) ? (value.stack ?? value.message) : inspect(value);
}

/** Not only an error itself: also what a worker has sent of one. */
function isErrorLike(value: unknown): value is { readonly message: string; readonly stack?: string } {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}
