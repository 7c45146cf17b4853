/** The connection went before an answer came, or never was: another one may serve. */
const CONNECTION_LOST = new Set(['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'UND_ERR_SOCKET']);

const TIMED_OUT = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** Requests that Node's parser lets through and Undici does not, for instance `OPTIONS *` or a length that is not kept. */
const REFUSED_REQUEST = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

export function mayBeRepeated(error: Error): boolean {
  return CONNECTION_LOST.has(codeOf(error));
}

export function clientFault(error: Error): boolean {
  return REFUSED_REQUEST.has(codeOf(error));
}

/** 504 for an endpoint that keeps silent, 502 for one that cannot be reached or breaks off. */
export function statusOf(error: Error): 502 | 504 {
  return TIMED_OUT.has(codeOf(error)) ? 504 : 502;
}

export function messageOf(revision: number, error: Error): string {
  return `r${revision} did not answer: ${error.message || codeOf(error)}`;
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
