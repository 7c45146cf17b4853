import { isMap, isScalar, isSeq } from 'yaml';
import type { Json, JsonObject } from '../domain/json.ts';
import type { Reader, Spot } from './reader.ts';

/** Levels of lists and mappings in a blueprint's config. */
const DEEPEST = 20;

/** Reads a value that is opaque here, as long as it is JSON; notes a fault and returns null where it is not. */
export function readJson(reader: Reader, spot: Spot, depth = 0): Json {
  if (depth > DEEPEST) return reader.fault(spot, `at most ${DEEPEST} levels of lists and mappings`, 'more');
  if (isMap(spot.node)) return readObject(reader, spot, depth);
  if (isSeq(spot.node)) return (reader.items(spot) ?? []).map((item) => readJson(reader, item, depth + 1));
  const value = isScalar(spot.node) ? spot.node.value : null;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return reader.fault(spot, 'text, a finite number, true, false, null, a list or a mapping');
}

export function readObject(reader: Reader, spot: Spot, depth = 0): JsonObject {
  const entries = reader.entries(spot) ?? new Map<string, Spot>();
  // fromEntries makes own properties, of `__proto__` too.
  return Object.fromEntries([...entries].map(([key, value]) => [key, readJson(reader, value, depth + 1)]));
}
