import { ApiError } from '../contract/supplant-client.ts';
import type { InterruptSignal } from './context.ts';
import { EXIT, exitCodeOfError, exitCodeOfSignal } from './exit-codes.ts';

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

/** What a command had to say was lost. */
export class OutputLost extends Error {
  override readonly name = 'OutputLost';
  readonly suggestion: string;

  constructor(message: string, suggestion: string) {
    super(message);
    this.suggestion = suggestion;
  }
}

/** A person ended a command where it asked something. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signal: InterruptSignal;

  constructor(signal: InterruptSignal) {
    super('interrupted; nothing was done');
    this.signal = signal;
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
  /** The API's reason, USAGE for the command line's own, INTERRUPTED or OUTPUT_LOST. */
  reason: string;
  message: string;
  suggestion?: string;
  faults: ShownFault[];
  exitCode: number;
}

/** Of errors that say by themselves what is to be done; known by name, so that what throws them need not be loaded. */
const FIT_TO_SHOW = ['AccessConfigError', 'AuditUnavailableError', 'NativeToolMissing'];

export function toShownError(error: unknown): ShownError {
  if (error instanceof UsageError) return { reason: 'USAGE', ...describe(error), exitCode: EXIT.usage.code };
  if (error instanceof ApiError) return { reason: error.reason, ...describe(error), exitCode: exitCodeOfError(error) };
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Interrupted) {
    return { reason: 'INTERRUPTED', message, faults: [], exitCode: exitCodeOfSignal(error.signal) };
  }
  if (error instanceof OutputLost) {
    const { suggestion } = error;
    return { reason: 'OUTPUT_LOST', message, suggestion, faults: [], exitCode: EXIT.failure.code };
  }
  if (error instanceof Error && FIT_TO_SHOW.includes(error.name)) {
    return { reason: 'UNAVAILABLE', message, faults: [], exitCode: EXIT.failure.code };
  }
  const suggestion = 'this is a fault of Supplant; --verbose shows where';
  return { reason: 'INTERNAL', message, suggestion, faults: [], exitCode: EXIT.failure.code };
}

function describe(error: UsageError | ApiError): Pick<ShownError, 'message' | 'suggestion' | 'faults'> {
  const { message, suggestion, faults } = error;
  return { message, ...(suggestion === undefined ? {} : { suggestion }), faults };
}
