import { type JsonSchema, toJsonSchema } from '../json-schema.ts';
import { experimentSchema } from './schema.ts';

/** What the file that holds the JSON Schema of experiments is called beside a manifest. */
export const EXPERIMENT_SCHEMA_FILE = 'experiment.schema.json';

/** The first line of an experiment's manifest that has its schema beside it; editors with yaml-language-server go by it. */
export const EXPERIMENT_SCHEMA_LINE = `# yaml-language-server: $schema=./${EXPERIMENT_SCHEMA_FILE}\n`;

/** The JSON Schema of an experiment's manifest, for editors. */
export function buildExperimentJsonSchema(): JsonSchema {
  return toJsonSchema(experimentSchema, {
    title: "Supplant's experiments",
    description: 'Complete copies of a service for a while: probed, compared, and gone afterwards.',
  });
}
