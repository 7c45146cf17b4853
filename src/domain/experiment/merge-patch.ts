import { canonicalJson } from '../canonical-json.ts';
import type { Json, JsonObject } from '../json.ts';

/** What a JSON merge patch makes of a value (RFC 7396, section 2): `null` takes a member away, lists are replaced in whole. */
export function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  // Of a map: a member may be called `__proto__`.
  const merged = new Map<string, Json>(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, applyMergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

/** The smallest patch that makes one value of the other. A member that is `null` in the second cannot be said by a patch. */
export function buildMergePatch(from: JsonObject, to: JsonObject): JsonObject {
  const gone = Object.keys(from).filter((name) => !Object.hasOwn(to, name));
  const changed = Object.entries(to).flatMap(([name, value]): [string, Json][] => {
    const before = Object.hasOwn(from, name) ? from[name] : undefined;
    if (before !== undefined && canonicalJson(before) === canonicalJson(value)) return [];
    if (!isObject(value)) return [[name, value]];
    return [[name, isObject(before) ? buildMergePatch(before, value) : value]];
  });
  return Object.fromEntries([...gone.map((name): [string, Json] => [name, null]), ...changed]);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
