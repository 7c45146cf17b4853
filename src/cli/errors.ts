import { ApiError } from '../client/api.ts';
import { EXIT, exitCodeOfError } from './exit-codes.ts';

/** The command line, a file or the terminal is not as it must be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly suggestion?: string;
  readonly faults: ShownFault[];

  constructor(message: string, more: { suggestion?: string; faults?: ShownFault[] } = {}) {
    super(message);
    if (more.suggestion !== undefined) this.suggestion = more.suggestion;
    this.faults = more.faults ?? [];
  }
}

/** One fault of a manifest or request; `at` is `supplant.yaml:7:3`. */
export interface ShownFault {
  path: string;
  message: string;
  at?: string;
}

/** An error as people and programs get it; with `-o json`, `{"error": …}` on stderr. */
export interface ShownError {
  /** The API's reason, or USAGE for the command line's own. */
  reason: string;
  message: string;
  suggestion?: string;
  faults: ShownFault[];
  exitCode: number;
}

export function shown(error: unknown): ShownError {
  if (error instanceof UsageError) return { reason: 'USAGE', ...describe(error), exitCode: EXIT.usage.code };
  if (error instanceof ApiError) return { reason: error.reason, ...describe(error), exitCode: exitCodeOfError(error) };
  const message = error instanceof Error ? error.message : String(error);
  const suggestion = 'this is a fault of Supplant; --verbose shows where';
  return { reason: 'INTERNAL', message, suggestion, faults: [], exitCode: EXIT.failure.code };
}

function describe(error: UsageError | ApiError): Pick<ShownError, 'message' | 'suggestion' | 'faults'> {
  const { message, suggestion, faults } = error;
  return { message, ...(suggestion === undefined ? {} : { suggestion }), faults };
}
