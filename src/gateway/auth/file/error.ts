import type { Fault } from '../../../config/fault.ts';

/** The gateway must not start with the access control it was given, or was not. The message says what to write. */
export class AccessConfigError extends Error {
  override readonly name = 'AccessConfigError';
  readonly faults: Fault[];

  constructor(message: string, more: { faults?: Fault[]; cause?: unknown } = {}) {
    super(message, { cause: more.cause });
    this.faults = more.faults ?? [];
  }
}
