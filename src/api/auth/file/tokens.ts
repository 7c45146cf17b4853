import { isScalar } from 'yaml';
import { NAME } from '../../../domain/service.ts';
import type { Reader, Spot } from '../../../manifest/reader.ts';
import type { StaticToken } from '../config.ts';
import { isToken, TOKEN_HASH } from '../tokens.ts';

export const NAME_WANTED = 'a name of lower-case letters, digits and hyphens, at most 40, such as ci';
const HASH_WANTED = "'sha256:' and 64 hexadecimal digits, as supplant token create prints";
const TIME_WANTED = 'a day or a time with its zone, such as 2027-06-30 or 2027-06-30T12:00:00Z';
const TIME = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** The `tokens` of an access file, each name and each hash once. */
export function readTokens(reader: Reader, spot: Spot): StaticToken[] {
  const items = reader.items(spot, 'a list of tokens');
  const seen = { names: new Set<string>(), hashes: new Set<string>() };
  return (items ?? []).map((item) => {
    const { name, hash, expires } = reader.fields(item, ['name', 'hash', 'expires']);
    if (!name) reader.missing(item, 'name', NAME_WANTED);
    if (!hash) reader.missing(item, 'hash', HASH_WANTED);
    const end = expires && readTime(reader, expires);
    return {
      name: name ? readName(reader, name, seen.names) : '',
      hash: hash ? readHash(reader, hash, seen.hashes) : '',
      ...(end ? { expires: end } : {}),
    };
  });
}

function readName(reader: Reader, spot: Spot, seen: Set<string>): string {
  const name = reader.text(spot, NAME_WANTED, NAME);
  if (name !== null && seen.has(name)) reader.fault(spot, 'a name of its own', `'${name}' a second time`);
  if (name !== null) seen.add(name);
  return name ?? '';
}

/** Never shows what stands there: it may be a token. */
function readHash(reader: Reader, spot: Spot, seen: Set<string>): string {
  const value = isScalar(spot.node) ? spot.node.value : undefined;
  if (typeof value !== 'string' || !TOKEN_HASH.test(value)) {
    const token = typeof value === 'string' && isToken(value);
    reader.fault(spot, HASH_WANTED, token ? 'the token itself, which should now be replaced' : 'something else');
    return '';
  }
  if (seen.has(value)) reader.fault(spot, 'a token of its own', 'the same hash a second time');
  seen.add(value);
  return value;
}

function readTime(reader: Reader, spot: Spot): Date | null {
  const text = reader.text(spot, TIME_WANTED, TIME);
  if (text === null) return null;
  const day = TIME.exec(text)?.[1] ?? '';
  // 31 February would become 3 March.
  const exists = dateText(day)?.startsWith(day) === true && dateText(text) !== undefined;
  return exists ? new Date(text) : reader.fault(spot, TIME_WANTED);
}

function dateText(text: string): string | undefined {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
