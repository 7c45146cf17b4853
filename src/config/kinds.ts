import type { z } from 'zod';
import { ALWAYS } from './fields.ts';
import { refuse } from './problems.ts';

/**
 * For a mapping whose `kind` says which of its keys have a meaning: refuses those that belong to other kinds. A key that
 * no kind lists belongs to all of them.
 */
export function refuseKeysOfOthers<Schema extends z.ZodType<{ kind: string }>>(
  schema: Schema,
  keysOf: Readonly<Record<string, readonly string[]>>,
): Schema {
  return schema.superRefine((value, context) => {
    const given: Record<string, unknown> = value;
    const { kind } = value;
    const own = Object.hasOwn(keysOf, kind) ? keysOf[kind] : undefined;
    if (!own) return;
    for (const [key, found] of Object.entries(given)) {
      if (found === undefined || own.includes(key)) continue;
      const others = Object.keys(keysOf).filter((each) => keysOf[each]?.includes(key));
      if (others.length === 0) continue;
      refuse(context, { path: [key], wanted: `it with kind: ${others.join(' or ')} only`, found: `it with ${kind}` });
    }
  }, ALWAYS);
}
