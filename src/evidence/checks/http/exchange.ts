import { type IncomingMessage, request as requestPlain, type RequestOptions } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIP } from 'node:net';
import type { HttpCheck, HttpMethod } from '../../../domain/evidence/checks.ts';
import { type Endpoint, readEndpointHeaders } from '../../../domain/service/revision.ts';

/** As much of a body as a check may look at, in bytes; the connection is closed after that. */
export const BODY_LIMIT = 1024 * 1024;
/** Some services set cookies by the dozen; Node's own limit is 16 KiB. */
export const HEADER_LIMIT = 64 * 1024;

export interface Answer {
  status: number;
  /** By lower-case name; each line of a header that came several times on its own. */
  headers: Record<string, string[]>;
  body: Buffer;
  /** There was more than {@link BODY_LIMIT}. */
  cut: boolean;
}

export interface Question {
  method: HttpMethod;
  path: string;
  body?: string;
}

/** What had come by the time an exchange failed. */
export interface Progress {
  status?: number;
  bytes: number;
}

/**
 * Asks an endpoint once, on a connection of its own: a check must not fail because a pooled one went stale.
 *
 * @throws what the connection, or the signal, failed with
 */
export function exchange(
  check: HttpCheck,
  endpoint: Endpoint,
  { method, path, body }: Question,
  progress: Progress,
  signal: AbortSignal,
): Promise<Answer> {
  const options: RequestOptions = {
    host: endpoint.host,
    port: endpoint.port,
    method,
    path: encodePath(path),
    agent: false,
    signal,
    maxHeaderSize: HEADER_LIMIT,
    // Last: nothing that a check says may lead it to another revision.
    headers: { ...sent(check, body), ...readEndpointHeaders(endpoint) },
  };
  return new Promise((resolve, reject) => {
    const asked = check.tls
      ? requestTls({ ...options, rejectUnauthorized: !check.tls.insecure, servername: serverName(check) })
      : requestPlain(options);
    asked.on('response', (response) => {
      progress.status = response.statusCode ?? 0;
      collect(response, progress).then(resolve, reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

async function collect(response: IncomingMessage, progress: Progress): Promise<Answer> {
  const chunks: Buffer[] = [];
  // Leaving the loop destroys the response.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    progress.bytes += chunk.length;
    if (progress.bytes > BODY_LIMIT) break;
  }
  const body = Buffer.concat(chunks);
  const headers = Object.entries(response.headersDistinct).map(([name, values]) => [name, values ?? []]);
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers) as Record<string, string[]>,
    body: body.subarray(0, BODY_LIMIT),
    cut: body.length > BODY_LIMIT,
  };
}

/** Names are sent as they were written. */
function sent({ requestHeaders = {} }: HttpCheck, body: string | undefined): Record<string, string> {
  const agent = Object.keys(requestHeaders).some((name) => name.toLowerCase() === 'user-agent');
  return {
    ...requestHeaders,
    ...(agent ? {} : { 'User-Agent': 'supplant-check' }),
    Connection: 'close',
    ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
  };
}

/** What the Host header says, where one is sent. */
export function hostHeader({ requestHeaders = {} }: HttpCheck): string | undefined {
  return Object.entries(requestHeaders).find(([name]) => name.toLowerCase() === 'host')?.[1];
}

/** Empty for none: an address is not a name to ask for. */
function serverName(check: HttpCheck): string {
  const name = check.tls?.serverName ?? hostHeader(check)?.replace(/:\d+$/, '') ?? '';
  return isIP(name.replace(/^\[|\]$/g, '')) === 0 ? name : '';
}

/** What a path may not hold on the wire, percent-encoded. */
export function encodePath(path: string): string {
  return path.replaceAll(/[^\u0021-\u007e]+/g, (text) => encodeURIComponent(text.toWellFormed()));
}
