/** Nothing was sent, so that any other endpoint may be asked instead. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';

  constructor(cause: Error) {
    super(cause.message || codeOf(cause), { cause });
  }
}

/** The endpoint closed the connection before its answer was complete. */
export class LostError extends Error {
  override readonly name = 'LostError';

  constructor() {
    super('it closed the connection');
  }
}

/** The endpoint keeps silent for longer than it may. */
export class SilenceError extends Error {
  override readonly name = 'SilenceError';

  constructor() {
    super('it has been silent for too long');
  }
}

/** The connection went before an answer came; on another one the request may do better. */
export function isLost(error: Error): boolean {
  return error instanceof LostError || ['ECONNRESET', 'EPIPE'].includes(codeOf(error));
}

/** Of a call to the admin plane: the router may have been starting again, and the call says the same again. */
export function mayBeRepeated(error: Error): boolean {
  return ['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'UND_ERR_SOCKET'].includes(codeOf(error));
}

/** 504 for an endpoint that keeps silent, 502 for one that cannot be reached, breaks off or makes no sense. */
export function statusOf(error: Error): 502 | 504 {
  return error instanceof SilenceError ? 504 : 502;
}

export function messageOf(revision: number, error: Error): string {
  return `r${revision} did not answer: ${error.message || codeOf(error)}`;
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
