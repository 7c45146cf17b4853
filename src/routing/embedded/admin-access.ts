import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { AdminError } from './admin-error.ts';

/** Who may give orders over the network: whoever has a token of the file, or a certificate that the server trusts. */
export interface AdminAccess {
  /** Read for each order, so that a token that was taken out is worth nothing from then on. */
  tokenFile?: string | undefined;
}

interface KnownToken {
  hash: Buffer;
  expires?: Date;
}

/** Shorter than this, somebody may guess it. */
const SHORTEST_TOKEN = 32;
const HASH = /^sha256:([0-9a-f]{64})$/;

/**
 * Lets an order in, or says why not.
 *
 * @throws AdminError 401
 */
export function admit(request: IncomingMessage, { tokenFile }: AdminAccess, now = new Date()): void {
  const { socket } = request;
  const { authorized, authorizationError } =
    socket instanceof TLSSocket ? socket : { authorized: false, authorizationError: undefined };
  if (authorized) return;
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token !== undefined && tokenFile !== undefined) {
    checkToken(knownTokens(tokenFile), token, now);
    return;
  }
  const shown = socket instanceof TLSSocket && Object.keys(socket.getPeerCertificate()).length > 0;
  if (shown) throw refuse(`the client certificate is not accepted: ${String(authorizationError)}`);
  if (token !== undefined) throw refuse('it wants a client certificate, and knows no tokens');
  throw refuse(
    `the order came without ${tokenFile === undefined ? 'a client certificate' : 'a token or client certificate'}`,
  );
}

function knownTokens(path: string): KnownToken[] {
  try {
    return readTokens(path);
  } catch (error) {
    console.error(`router: ${(error as Error).message}`);
    throw refuse('its file of tokens cannot be used; its log says why');
  }
}

function checkToken(known: readonly KnownToken[], token: string, now: Date): void {
  const hash = hashToken(token);
  let found: KnownToken | undefined;
  // All of them are compared, so that the answer's delay tells nothing.
  for (const entry of known) if (timingSafeEqual(entry.hash, hash)) found = entry;
  if (!found) throw refuse('the token is not known here; it may have been replaced');
  if (found.expires && found.expires <= now) throw refuse(`the token expired at ${found.expires.toISOString()}`);
}

/**
 * Reads a file of tokens: each on a line of its own, or in its place `sha256:` and the hash of it in hexadecimal digits;
 * behind it, where it ends by itself, the time. Empty lines and those that begin with `#` say nothing.
 *
 * @throws Error fit to show, with everything that is wrong; no token is repeated
 */
export function readTokens(path: string): KnownToken[] {
  const faults: string[] = [];
  const tokens = readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      const words = line.trim().split(/\s+/);
      if (words[0] === '' || words[0]?.startsWith('#')) return [];
      const token = parseToken(words);
      if (typeof token === 'object') return [token];
      faults.push(`${path}:${index + 1}: ${token}`);
      return [];
    });
  if (tokens.length === 0 && faults.length === 0) faults.push(`${path} holds no token`);
  if (faults.length > 0) throw new Error(faults.join('; '));
  return tokens;
}

function parseToken([text = '', time, ...rest]: string[]): KnownToken | string {
  const hex = HASH.exec(text)?.[1];
  if (hex === undefined && (text.length < SHORTEST_TOKEN || text.startsWith('sha256:'))) {
    return `a token has ${SHORTEST_TOKEN} characters or more, its hash is sha256: and 64 hexadecimal digits`;
  }
  if (rest.length > 0) return 'a line is a token and, at most, the time of its end';
  const hash = hex === undefined ? hashToken(text) : Buffer.from(hex, 'hex');
  if (time === undefined) return { hash };
  const expires = new Date(time);
  if (/^\d{4}-\d\d-\d\d/.test(time) && !Number.isNaN(expires.getTime())) return { hash, expires };
  return 'the time of a token’s end is written as 2027-01-31T12:00:00Z';
}

function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function refuse(why: string): AdminError {
  return new AdminError(401, 'NotAdmitted', why);
}
