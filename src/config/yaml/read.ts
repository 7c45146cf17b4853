import type { z } from 'zod';
import type { Fault } from '../fault.ts';
import { checkValue } from '../problems.ts';
import { atStart, readDocument } from './document.ts';
import { placeProblems } from './place.ts';
import { readValue } from './value.ts';

/**
 * Reads a YAML file by a schema: its value, complete with defaults, or all its faults, in the order of the file. Never
 * throws.
 *
 * @param whole what the file as a whole has to be, where it must not be empty
 */
export function readYaml<T>(
  text: string,
  schema: z.ZodType<T>,
  whole?: string,
): { ok: true; value: T } | { ok: false; faults: Fault[] } {
  const read = readDocument(text);
  if ('faults' in read) return { ok: false, faults: read.faults };
  const { document } = read;
  const raw = readValue(document);
  if ('faults' in raw) return { ok: false, faults: raw.faults };
  if (raw.value === null && whole !== undefined) return { ok: false, faults: [atStart('an empty file', whole)] };
  const checked = checkValue(schema, raw.value ?? {});
  if (checked.ok) return checked;
  return { ok: false, faults: placeProblems(document, checked.problems) };
}
