/** Which lines of a revision's logs. */
export interface LogQuery {
  /** The live one unless told, or the newest where none is live. */
  revision?: number;
  /** How many lines of each process before its end to begin with. */
  lines: number;
  /** Whether to go on with what is printed from then on. */
  follow: boolean;
}

/** Where the log of a process is. */
export interface LogPlace {
  /** `p1`. */
  process: string;
  /** The newest file; rotated ones are beside it. */
  path: string;
}

/** Where the logs of a revision are, which comes first; then lines of one process after the other, in order for each. */
export type LogPart =
  | { kind: 'places'; revision: number; host: string; logs: LogPlace[] }
  | { kind: 'lines'; process: string; lines: string[] };

/** Without being told, as many as fit a few screens. */
export const DEFAULT_LOG_LINES = 100;
export const MOST_LOG_LINES = 100_000;
