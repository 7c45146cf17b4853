import { UnauthenticatedError } from './authenticator.ts';

/** Characters. Tokens with many groups reach a few thousand; no more than this is looked at. */
const LONGEST = 16_384;
/** RFC 6750, section 2.1. */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/**
 * The token in an Authorization header.
 *
 * @throws {UnauthenticatedError} when there is none
 */
export function readBearer(authorization: string): string {
  if (authorization.length > LONGEST) {
    throw new UnauthenticatedError(`the Authorization header is longer than ${LONGEST} characters`);
  }
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw new UnauthenticatedError("the Authorization header has to be 'Bearer TOKEN'");
  return token;
}
