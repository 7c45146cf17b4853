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

export function isHopByHop(lowerCaseName: string): boolean {
  return HOP_BY_HOP.has(lowerCaseName);
}

/** RFC 9110, 6.5.1: what decides on framing, routing or the connection may not come after the body. */
export function mayTrail(lowerCaseName: string): boolean {
  return !HOP_BY_HOP.has(lowerCaseName) && lowerCaseName !== 'content-length' && lowerCaseName !== 'host';
}

/**
 * What the endpoint gets to see: the client's own headers less those of the connection, plus `x-forwarded-*`.
 * @param host what takes the place of the client's own `Host`
 */
export function forwardHeaders(request: IncomingMessage, host: string | undefined): FlatHeaders {
  const { rawHeaders, headers: known } = request;
  const named = namedByConnection(known.connection);
  const headers: FlatHeaders = host === undefined ? [] : ['host', host];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lowerCase = name.toLowerCase();
    if (HOP_BY_HOP.has(lowerCase) || lowerCase === 'x-forwarded-for' || named?.has(lowerCase)) continue;
    if (host !== undefined && lowerCase === 'host') continue;
    headers.push(name, rawHeaders[index + 1] ?? '');
  }
  const before = known['x-forwarded-for'];
  const client = request.socket.remoteAddress ?? 'unknown';
  headers.push('x-forwarded-for', before === undefined ? client : `${before.toString()}, ${client}`);
  // Of this machine, or of a proxy that is trusted, which may be a TLS terminator that knows better; others' are out by now.
  if (known['x-forwarded-proto'] === undefined) headers.push('x-forwarded-proto', 'http');
  const asked = host ?? known.host;
  if (known['x-forwarded-host'] === undefined && asked) headers.push('x-forwarded-host', asked);
  return headers;
}

/** `connection` may name further headers that end here; nearly always it says `keep-alive` or `close`. */
export function namedByConnection(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
}

/** Whether a list such as `Connection`'s has this element. */
export function hasToken(list: string, token: string): boolean {
  return list === token || (list !== '' && list.split(',').some((part) => part.trim().toLowerCase() === token));
}
