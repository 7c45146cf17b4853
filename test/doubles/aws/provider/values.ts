import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../../../src/domain/json.ts';

/** How the engine marks what is special in a value: https://github.com/pulumi/pulumi, sdk/go/common/resource/sig. */
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';
/** Stands for a text that is not known before something is made. */
export const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** The value without the marks of secrets, and of outputs, in it. */
export function unwrapSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrapSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const marked = value as Record<string, unknown>;
  if (marked[SIGNATURE] === SECRET) return unwrapSecrets(marked.value);
  return Object.fromEntries(Object.entries(marked).map(([key, item]) => [key, unwrapSecrets(item)]));
}

/** A secret as it crosses the wire to whoever accepts secrets. */
export function wrapSecret(value: unknown): JsonObject {
  return { [SIGNATURE]: SECRET, value } as JsonObject;
}

/**
 * Whether what is wanted is what there is. Only what is wanted counts: a plugin fills in the rest, and keeps it. Lists of
 * texts are sets in most of AWS's resources.
 */
export function isCovered(wanted: unknown, there: unknown): boolean {
  if (wanted === UNKNOWN) return false;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(there) || wanted.length !== there.length) return false;
    const plain = wanted.every((item) => typeof item === 'string');
    const [one, other] = plain ? [[...wanted].sort(), [...(there as string[])].sort()] : [wanted, there as unknown[]];
    return one.every((item, index) => isCovered(item, other[index]));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof there !== 'object' || there === null) return Object.keys(wanted).length === 0;
    return Object.entries(wanted).every(([key, item]) => isCovered(item, (there as Record<string, unknown>)[key]));
  }
  if (typeof wanted === 'string' && typeof there === 'number') return wanted === String(there);
  if (typeof wanted === 'number' && typeof there === 'string') return String(wanted) === there;
  return isDeepStrictEqual(wanted ?? null, there ?? null);
}

/** The object without what is undefined, all the way down, as it can cross the wire. */
export function clean(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
