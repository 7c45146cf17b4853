import { errors, type JWTPayload, jwtVerify } from 'jose';
import { ApiError } from '../../contract/supplant-client.ts';
import { UnauthenticatedError } from './authenticator.ts';
import type { JwtConfig } from './config.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { readSubject } from './subject.ts';

/** Whom a JWT is about. */
export interface JwtSubject {
  name: string;
  groups: string[];
  /** From when on the token is not taken any more. */
  until: Date;
}

/** Groups beyond these are not looked at; directories with more belong behind a claim that filters. */
const MOST_GROUPS = 500;

/**
 * Whom the token is about, after its signature and claims were checked.
 *
 * @throws {UnauthenticatedError} when it is not to be believed
 * @throws {ApiError} UNAVAILABLE when the issuer's keys cannot be had
 */
export async function verifyJwt(token: string, config: JwtConfig, keys: IssuerKeys): Promise<JwtSubject> {
  const payload = await verifiedPayload(token, config, keys);
  const name = readSubject(payload[config.subjectClaim], `the token's claim ${config.subjectClaim}`);
  return {
    name,
    groups: readGroups(config.groupsClaim === undefined ? [] : payload[config.groupsClaim]),
    until: new Date((payload.exp ?? 0) * 1000 + config.clockToleranceMs),
  };
}

async function verifiedPayload(token: string, config: JwtConfig, keys: IssuerKeys): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys.find, {
      issuer: config.issuer,
      audience: config.audience,
      algorithms: config.algorithms,
      clockTolerance: config.clockToleranceMs / 1000,
      // A token without an end is good for anyone who finds it, for ever.
      requiredClaims: ['exp', config.subjectClaim],
    });
    return payload;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new UnauthenticatedError(whatIsWrong(error, config), { cause: error });
  }
}

/** In words, without a part of the token: it may be a good one elsewhere. */
function whatIsWrong(error: unknown, config: JwtConfig): string {
  if (error instanceof errors.JWTExpired) return `the token has expired${at(error.payload.exp)}`;
  if (error instanceof errors.JWTClaimValidationFailed) return wrongClaim(error, config);
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return `the token is signed by an algorithm that is not accepted; accepted: ${config.algorithms.join(', ')}`;
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token's signature is wrong";
  if (error instanceof errors.JWKSNoMatchingKey)
    return `${config.issuer} publishes no such key as the token is signed with`;
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return 'the token does not say which key it is signed with (kid)';
  return `the token is neither one of ours nor a JWT that can be checked`;
}

function wrongClaim({ claim, reason, payload }: errors.JWTClaimValidationFailed, config: JwtConfig): string {
  if (reason === 'missing') return `the token lacks the claim ${claim}`;
  if (claim === 'iss') return `the token is of another issuer; accepted: ${config.issuer}`;
  if (claim === 'aud') return `the token is for another audience; accepted: ${config.audience.join(', ')}`;
  if (claim === 'nbf') return `the token is not valid yet${at(payload.nbf, 'before')}`;
  return `the token's claim ${claim} is wrong`;
}

function at(seconds: unknown, word = 'at'): string {
  const date = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN);
  return Number.isNaN(date.getTime()) ? '' : ` (${word} ${date.toISOString()})`;
}

function readGroups(claim: unknown): string[] {
  const groups = Array.isArray(claim) ? (claim as unknown[]) : [claim];
  return groups.filter((group) => typeof group === 'string').slice(0, MOST_GROUPS);
}
