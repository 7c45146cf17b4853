import { configSchema as awsAsg } from '../../blueprints/aws-asg/config.ts';
import { configSchema as awsEcs } from '../../blueprints/aws-ecs/config.ts';
import { configSchema as awsEnvironment } from '../../blueprints/aws-environment/config.ts';
import { configSchema as awsLambda } from '../../blueprints/aws-lambda/config.ts';
import { configSchema } from '../../blueprints/local-process/config.ts';
import { environmentSchema } from '../../blueprints/aws/settings.ts';
import { buildExperimentJsonSchema } from '../../src/config/experiment/published.ts';
import { toJsonSchema, type JsonSchema } from '../../src/config/json-schema.ts';
import { buildManifestJsonSchema } from '../../src/config/manifest/published.ts';
import { SOURCE_KEYS } from '../../src/config/manifest/metric-sources.ts';
import { renderKeyTable } from './key-table.ts';

/** The published JSON Schemas, by the files that hold them. */
export function buildPublishedSchemas(): Record<string, JsonSchema> {
  return {
    'docs/reference/supplant.schema.json': buildManifestJsonSchema({ 'local-process': configSchema }),
    'docs/reference/experiment.schema.json': buildExperimentJsonSchema(),
  };
}

/** What stands between `<!-- reference: NAME -->` and `<!-- /reference -->` in a page, by name. */
export function buildReferenceBlocks(): Record<string, string> {
  const manifest = buildManifestJsonSchema();
  const check = below(manifest, 'checks', 'items');
  const experiment = buildExperimentJsonSchema();
  const probe = below(experiment, 'probes', 'items');
  const configs = {
    'local-process': configSchema,
    'aws-environment': awsEnvironment,
    'aws-asg': awsAsg,
    'aws-ecs': awsEcs,
    'aws-lambda': awsLambda,
  };
  const tables = Object.entries(configs).map(([name, schema]) => [
    name,
    renderKeyTable(toJsonSchema(schema, { title: '', description: '' }), { closed: ['environment'] }),
  ]);
  return {
    manifest: renderKeyTable(manifest, { closed: ['checks', 'strategy.metrics'] }),
    ...buildMetricBlocks(below(below(manifest, 'strategy'), 'metrics', 'items')),
    check: renderKeyTable(check, { closed: ['http'] }),
    http: renderKeyTable(below(check, 'http')),
    experiment: renderKeyTable(experiment, { closed: ['variants[].checks', 'probes'] }),
    probe: renderKeyTable(probe, { closed: ['http', 'load'] }),
    load: renderKeyTable(below(probe, 'load')),
    'aws-facts': renderKeyTable(toJsonSchema(environmentSchema, { title: '', description: '' })),
    ...(Object.fromEntries(tables) as Record<string, string>),
  };
}

/** A table for a metric, and one for each place that has numbers: `metric-http-json`. */
function buildMetricBlocks(metric: JsonSchema): Record<string, string> {
  const places = SOURCE_KEYS.map((key) => {
    const name = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return [`metric-${name}`, renderKeyTable(below(metric, key))];
  });
  return {
    metric: renderKeyTable(metric, { closed: SOURCE_KEYS }),
    ...(Object.fromEntries(places) as Record<string, string>),
  };
}

const BLOCK = /(<!-- reference: ([a-z-]+) -->\n)[^]*?(<!-- \/reference -->)/g;

/** A page with its blocks as they are to be. @throws Error for a block that nobody makes */
export function fillBlocks(page: string, blocks: Readonly<Record<string, string>>): string {
  return page.replace(BLOCK, (_, begin: string, name: string, end: string) => {
    const block = blocks[name];
    if (block === undefined) throw new Error(`there is no block ${name}; there is ${Object.keys(blocks).join(', ')}`);
    return `${begin}\n${block}\n\n${end}`;
  });
}

/** What a key may be. Where it may also be one word, such as a preset, it is its keys that are asked for. */
function below(schema: JsonSchema, key: string, part?: 'items'): JsonSchema {
  const { anyOf = [] } = schema;
  const { properties = {} } = [schema, ...anyOf].find((each) => each.properties !== undefined) ?? {};
  const found = properties[key] as JsonSchema;
  return part === undefined ? found : (found[part] as JsonSchema);
}
