import canonicalize from 'canonicalize';

/**
 * Canonical JSON by RFC 8785: the same value always gives the same text, whatever order its keys were set in.
 *
 * @throws Error for what JSON cannot say: NaN, infinities, cycles
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error(`${typeof value} is not JSON`);
  return text;
}
