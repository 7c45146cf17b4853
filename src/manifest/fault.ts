/** One thing wrong with a manifest: where, what was found, and what would be right. */
export interface Fault {
  /** `checks[0].http.status`; empty for the file as a whole. */
  path: string;
  /** Both count from 1. */
  line: number;
  column: number;
  /** What stands there, in words: `99999`, `nothing`, `a list`. */
  found: string;
  /** What would be right, in words: `a whole number from 1 to 65535`. */
  wanted: string;
  /** The known word that was probably meant, for an unknown one. */
  meant?: string;
}

/** The fault without its place: `expected a whole number from 1 to 65535, found 99999`. */
export function faultMessage(fault: Fault): string {
  const hint = fault.meant === undefined ? '' : `; did you mean '${fault.meant}'?`;
  return `expected ${fault.wanted}, found ${fault.found}${hint}`;
}
