import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { UnauthenticatedError } from './authenticator.ts';
import type { StaticToken } from './config.ts';

/** What our tokens begin with: tells them from JWTs, and lets secret scanners find a leaked one. */
const TOKEN_PREFIX = 'supplant_';
const SECRET_BYTES = 32;
const SECRET_CHARACTERS = Math.ceil((SECRET_BYTES * 8) / 6);
const TOKEN = new RegExp(`^${TOKEN_PREFIX}[A-Za-z0-9_-]{${SECRET_CHARACTERS}}$`);

export const TOKEN_HASH = /^sha256:[0-9a-f]{64}$/;

/** A new token: 256 random bits. */
export function generateToken(): string {
  return TOKEN_PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
}

/**
 * One round of SHA-256, without salt: a token is 256 random bits, so that nobody finds it by trying, however fast the
 * hash is. A slow one (scrypt) protects passwords that people choose, and would let anybody keep our processor busy with
 * wrong tokens.
 */
export function hashToken(token: string): string {
  return `sha256:${createHash('sha256').update(token).digest('hex')}`;
}

/** Whether it has the shape of a token that {@link generateToken} made. Others are not even hashed: they may be guessable. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/**
 * The entry that the token belongs to.
 *
 * @throws {UnauthenticatedError} when there is none, or its time is over
 */
export function findToken(tokens: readonly StaticToken[], token: string, now = new Date()): StaticToken {
  const hash = Buffer.from(hashToken(token));
  let found: StaticToken | undefined;
  // All of them are compared, in constant time each, so that the answer's delay tells nothing.
  for (const entry of tokens) {
    const known = Buffer.from(entry.hash);
    if (known.length === hash.length && timingSafeEqual(known, hash)) found = entry;
  }
  if (!isToken(token) || !found)
    throw new UnauthenticatedError('the token is not known here; it may have been replaced');
  if (found.expires && found.expires <= now) {
    throw new UnauthenticatedError(`the token '${found.name}' expired at ${found.expires.toISOString()}`);
  }
  return found;
}
