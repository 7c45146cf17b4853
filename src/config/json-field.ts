import { z } from 'zod';
import type { Json, JsonObject } from '../domain/json.ts';
import { describeValue, type Problem } from './fault.ts';
import { refuse } from './problems.ts';

/** Levels of lists and mappings in a value that is opaque here. */
const DEEPEST = 20;

/** Any JSON, taken as it is: what it means is for somebody else to say. */
export function json(): z.ZodType<Json> {
  return z.unknown().transform((value, context) => {
    noteFaults(context, value, []);
    return value as Json;
  });
}

/** A mapping of any JSON. */
export function jsonObject(): z.ZodType<JsonObject> {
  return z
    .unknown()
    .meta({ type: 'object' })
    .transform((value, context) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(context, { wanted: 'a mapping' });
      else noteFaults(context, value, []);
      return value as JsonObject;
    });
}

function noteFaults(context: z.RefinementCtx, value: unknown, path: Problem['path']): void {
  if (path.length > DEEPEST) {
    refuse(context, { path, wanted: `at most ${DEEPEST} levels of lists and mappings`, found: 'more' });
  } else if (typeof value === 'object' && value !== null) {
    const below = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
    for (const [key, inner] of below) noteFaults(context, inner, [...path, key]);
  } else if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) {
    const wanted = 'text, a finite number, true, false, null, a list or a mapping';
    refuse(context, { path, wanted, found: describeValue(value) });
  }
}
