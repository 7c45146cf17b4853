import { RE2JS, RE2JSSyntaxException } from 're2js';

/** A regular expression that takes time in proportion to the text, whatever either of them is. */
export interface Pattern {
  /** Whether it is found anywhere in the text. */
  isIn(text: string): boolean;
  /** Whether it is the whole text. */
  isAllOf(text: string): boolean;
}

/** Reads a regular expression in RE2's syntax; `fault` says why it is none. */
export function readPattern(text: string): Pattern | { fault: string } {
  try {
    const pattern = RE2JS.compile(text);
    return { isIn: (of) => pattern.matcher(of).find(), isAllOf: (of) => pattern.matcher(of).matches() };
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return { fault: error.message.replace(/^error parsing regexp: /, '') };
  }
}

/** For a pattern that was read before: one that is none is found nowhere. */
export function isFound(pattern: string, text: string): boolean {
  const read = readPattern(pattern);
  return 'fault' in read ? false : read.isIn(text);
}
