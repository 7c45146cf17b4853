import type { IncomingMessage } from 'node:http';

/** Header names and values in turn, as `IncomingMessage.rawHeaders` has them. */
export type FlatHeaders = string[];

/** Headers that concern one connection only and end at a proxy (RFC 9110, 7.6.1; RFC 9112 for transfer-encoding). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Node's server has answered `100-continue` itself by the time a request is forwarded. */
const NOT_FORWARDED = new Set([...HOP_BY_HOP, 'expect', 'x-forwarded-for']);

/** What the endpoint gets to see: the client's own headers less those of the connection, plus `x-forwarded-*`. */
export function requestHeaders(request: IncomingMessage): FlatHeaders {
  const headers = without(NOT_FORWARDED, request.rawHeaders, request.headers.connection);
  const { 'x-forwarded-for': before, 'x-forwarded-proto': scheme, 'x-forwarded-host': host } = request.headers;
  const client = request.socket.remoteAddress ?? 'unknown';
  headers.push('x-forwarded-for', before === undefined ? client : `${before.toString()}, ${client}`);
  // The router listens on loopback only: who speaks to it is this host, perhaps a TLS terminator that knows better.
  if (scheme === undefined) headers.push('x-forwarded-proto', 'http');
  if (host === undefined && request.headers.host !== undefined) headers.push('x-forwarded-host', request.headers.host);
  return headers;
}

/** What the client gets to see of an answer. */
export function answerHeaders(raw: readonly (string | Buffer)[]): FlatHeaders {
  const headers = raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
  return without(HOP_BY_HOP, headers, valueOf('connection', headers));
}

/** As {@link requestHeaders} and {@link answerHeaders}, for an upgrade: the two headers that ask for it travel on. */
export function withUpgrade(headers: FlatHeaders, protocol: string | undefined): FlatHeaders {
  return protocol === undefined ? headers : [...headers, 'connection', 'Upgrade', 'upgrade', protocol];
}

function without(
  dropped: ReadonlySet<string>,
  headers: readonly string[],
  connection: string | undefined,
): FlatHeaders {
  const named = namedByConnection(connection);
  const kept: FlatHeaders = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const lowerCase = name.toLowerCase();
    if (!dropped.has(lowerCase) && !named?.has(lowerCase)) kept.push(name, headers[index + 1] ?? '');
  }
  return kept;
}

/** `connection` may name further headers that end here; nearly always it says `keep-alive` or `close`. */
function namedByConnection(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
}

function valueOf(wanted: string, headers: readonly string[]): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === wanted) return headers[index + 1];
  }
  return undefined;
}
