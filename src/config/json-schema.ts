import { z } from 'zod';

const DRAFT_7 = 'http://json-schema.org/draft-07/schema#';

/** A JSON Schema, as editors and validators take it. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * What a schema of ours takes, as JSON Schema. Draft 7: the newest that yaml-language-server, and so every editor with it,
 * knows in full. What JSON Schema cannot say (how keys go together, what is found in a file) is only found by reading.
 */
export function toJsonSchema(
  schema: z.ZodType,
  { title, description }: { title: string; description: string },
): JsonSchema {
  const { $schema = DRAFT_7, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-07',
    io: 'input',
    unrepresentable: 'any',
    // That a mapping's keys are text goes without saying.
    override: ({ jsonSchema }) => {
      delete jsonSchema.propertyNames;
    },
  });
  return { $schema, title, description, ...rest };
}
