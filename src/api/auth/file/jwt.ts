import { isSeq } from 'yaml';
import type { Reader, Spot } from '../../../manifest/reader.ts';
import { ALGORITHMS, DEFAULT_ALGORITHMS, DEFAULT_CLOCK_TOLERANCE_MS, type JwtConfig } from '../config.ts';
import { isTrustworthyUrl } from '../urls.ts';

const KEYS = ['issuer', 'audience', 'jwks', 'algorithms', 'subject', 'groups', 'clockTolerance'] as const;
const AUDIENCE_WANTED = 'what tokens for this gateway have as aud, such as supplant';
const URL_WANTED = 'an https address (http on this machine only)';

/** The `jwt` of an access file. */
export function readJwt(reader: Reader, spot: Spot): JwtConfig {
  const { issuer, audience, jwks, algorithms, subject, groups, clockTolerance } = reader.fields(spot, KEYS);
  if (!issuer) reader.missing(spot, 'issuer', `the issuer's address exactly as in its tokens' iss: ${URL_WANTED}`);
  if (!audience) reader.missing(spot, 'audience', AUDIENCE_WANTED);
  const limits = { least: 0, most: 300_000, words: 'of at most 5m' };
  const keys = jwks && readUrl(reader, jwks);
  const groupsClaim = groups && reader.text(groups, 'the name of a claim, such as groups', /^\S+$/);
  return {
    issuer: (issuer && readUrl(reader, issuer)) ?? '',
    audience: audience ? readAudience(reader, audience) : [],
    ...(typeof keys === 'string' ? { jwks: keys } : {}),
    algorithms: algorithms ? readAlgorithms(reader, algorithms) : [...DEFAULT_ALGORITHMS],
    subjectClaim: (subject && reader.text(subject, 'the name of a claim, such as sub or email', /^\S+$/)) ?? 'sub',
    ...(typeof groupsClaim === 'string' ? { groupsClaim } : {}),
    clockToleranceMs: (clockTolerance && reader.duration(clockTolerance, limits)) ?? DEFAULT_CLOCK_TOLERANCE_MS,
  };
}

function readUrl(reader: Reader, spot: Spot): string | null {
  const url = reader.text(spot, URL_WANTED, /^https?:\/\/\S+$/);
  if (url === null) return null;
  // Not shown: an address with a password in it is among those that are refused.
  return isTrustworthyUrl(url) ? url : reader.fault(spot, URL_WANTED, 'another address');
}

function readAudience(reader: Reader, spot: Spot): string[] {
  if (!isSeq(spot.node)) return [reader.text(spot, AUDIENCE_WANTED, /\S/) ?? ''];
  const items = reader.items(spot) ?? [];
  if (items.length === 0) reader.fault(spot, AUDIENCE_WANTED, 'an empty list');
  return items.flatMap((item) => reader.text(item, AUDIENCE_WANTED, /\S/) ?? []);
}

function readAlgorithms(reader: Reader, spot: Spot): string[] {
  const items = reader.items(spot, `a list of ${ALGORITHMS.join(', ')}`) ?? [];
  if (items.length === 0) reader.fault(spot, `at least one of ${ALGORITHMS.join(', ')}`, 'an empty list');
  return items.flatMap((item) => reader.word(item, ALGORITHMS) ?? []);
}
