import { UnauthenticatedError } from './authenticator.ts';

const LONGEST = 256;

/**
 * A name that somebody else gave the caller, checked before it gets into logs, terminals and patterns.
 *
 * @throws {UnauthenticatedError} when it is no plain text of reasonable length
 */
export function readSubject(value: unknown, from: string): string {
  if (typeof value !== 'string' || value === '') throw new UnauthenticatedError(`${from} names nobody`);
  if (value.length > LONGEST) throw new UnauthenticatedError(`${from} is longer than ${LONGEST} characters`);
  // Control characters, those that turn the direction of text, and line separators.
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(value)) throw new UnauthenticatedError(`${from} has characters that do not show`);
  return value;
}
