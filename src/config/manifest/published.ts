import type { z } from 'zod';
import { type JsonSchema, toJsonSchema } from '../json-schema.ts';
import { manifestSchema } from './schema.ts';

/** What the file that holds the manifest's JSON Schema is called beside a manifest. */
export const SCHEMA_FILE = 'supplant.schema.json';

/** The first line of a manifest that has its schema beside it; editors with yaml-language-server go by it. */
export const SCHEMA_LINE = `# yaml-language-server: $schema=./${SCHEMA_FILE}\n`;

/**
 * The manifest's JSON Schema, for editors.
 *
 * @param configs what the blueprints that are installed take as `config`, by their names
 */
export function buildManifestJsonSchema(configs: Readonly<Record<string, z.ZodType>> = {}): JsonSchema {
  const title = "Supplant's manifest";
  const schema = toJsonSchema(manifestSchema, {
    title,
    description: 'A service, and how a new version takes its place.',
  });
  const conditions = Object.entries(configs).map(([name, config]) => configCondition(name, config));
  return conditions.length === 0 ? schema : { ...schema, allOf: conditions };
}

/** Where a manifest names the blueprint, its `config` is what the blueprint takes. */
function configCondition(name: string, config: z.ZodType): JsonSchema {
  const { $schema: _, ...taken } = toJsonSchema(config, { title: name, description: `What ${name} takes.` });
  const named: JsonSchema = { type: 'object', properties: { name: { const: name } }, required: ['name'] };
  return {
    if: { properties: { blueprint: named }, required: ['blueprint'] },
    then: { properties: { blueprint: { properties: { config: taken } } } },
  };
}
