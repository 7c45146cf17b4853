import type { IncomingMessage } from 'node:http';
import { type FlatHeaders, mayTrail, forwardHeaders } from '../headers.ts';
import { readRequestTarget } from './request-target.ts';

/** How the endpoint will know the end of the request's body. */
export type BodyKind = 'none' | 'length' | 'chunked';

export interface RequestHead {
  /** As it goes over the wire, one character per byte. */
  text: string;
  body: BodyKind;
}

/** The request cannot be passed on as it is, and that is the client's doing. */
export class RefusedRequestError extends Error {
  override readonly name = 'RefusedRequestError';
  readonly status: 400 | 501;

  constructor(status: 400 | 501, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * @param authority of the endpoint: stands in for a `Host` that HTTP/1.0 did not send
 * @throws RefusedRequestError
 */
export function buildRequestHead(request: IncomingMessage, authority: string, upgrade: boolean): RequestHead {
  const method = request.method ?? 'GET';
  const { path, host } = readRequestTarget(method, request.url ?? '/');
  const body = bodyKind(request);
  const headers = forwardHeaders(request, host ?? (request.headers.host === undefined ? authority : undefined));
  if (body === 'chunked') headers.push('transfer-encoding', 'chunked');
  const announced = body === 'chunked' ? request.headers.trailer : undefined;
  if (announced !== undefined) headers.push('Trailer', announced);
  if (upgrade && request.headers.upgrade !== undefined) {
    headers.push('connection', 'Upgrade', 'upgrade', request.headers.upgrade);
  }
  return { text: `${method} ${path} HTTP/1.1\r\n${fieldLines(headers)}\r\n`, body };
}

/** @returns each field on a line of its own; at most one `Host`, since two are two readings (RFC 9112, 3.2) */
function fieldLines(headers: FlatHeaders): string {
  let lines = '';
  let hosts = 0;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    lines += `${name}: ${headers[index + 1] ?? ''}\r\n`;
  }
  if (hosts > 1) throw new RefusedRequestError(400, 'the request has more than one Host header; send one');
  return lines;
}

/** The end of a chunked body, with the client's trailers less what may not stand there (RFC 9110, 6.5.1). */
export function buildLastChunk(trailers: readonly string[]): string {
  let lines = '';
  for (let index = 0; index + 1 < trailers.length; index += 2) {
    const name = trailers[index] ?? '';
    if (mayTrail(name.toLowerCase())) lines += `${name}: ${trailers[index + 1] ?? ''}\r\n`;
  }
  return `0\r\n${lines}\r\n`;
}

function bodyKind(request: IncomingMessage): BodyKind {
  const { 'transfer-encoding': coding, 'content-length': length } = request.headers;
  if (coding === undefined) return length === undefined || Number(length) === 0 ? 'none' : 'length';
  if (coding.toLowerCase() === 'chunked') return 'chunked';
  throw new RefusedRequestError(501, `the transfer coding ${JSON.stringify(coding)} is not supported; use chunked`);
}
