import canonicalize from 'canonicalize';

/**
 * Canonical JSON by RFC 8785: the same value always gives the same text, whatever order its keys were set in. Half of a
 * surrogate pair, which any clipped piece of text may end in, has no UTF-8 and stands as U+FFFD.
 *
 * @throws Error for what JSON cannot say: NaN, infinities, cycles
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(isWellFormed(value) ? value : toWellFormed(value));
  if (text === undefined) throw new Error(`${typeof value} is not JSON`);
  return text;
}

/** Cycles are `canonicalize`'s to refuse. */
function isWellFormed(value: unknown, around: readonly unknown[] = []): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (!isPlain(value) || around.includes(value)) return true;
  const within = [...around, value];
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isWellFormed(member, within));
}

function toWellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (!isPlain(value)) return value;
  if (Array.isArray(value)) return value.map(toWellFormed);
  const members = Object.entries(value);
  return Object.fromEntries(members.map(([name, member]) => [name.toWellFormed(), toWellFormed(member)]));
}

/** What says itself how it is written (a date) is left to that. */
function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !('toJSON' in value);
}
