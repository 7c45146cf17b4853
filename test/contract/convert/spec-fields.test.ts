import assert from 'node:assert/strict';
import type { DescMessage } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import { describe, it } from 'mocha';
import type { JsonSchema } from '../../../src/config/json-schema.ts';
import { formatPath } from '../../../src/config/fault.ts';
import { buildManifestJsonSchema } from '../../../src/config/manifest/published.ts';
import { toFieldPath } from '../../../src/contract/convert/field-path.ts';
import { isInline, readKey, readKindName } from '../../../src/contract/convert/spec-names.ts';
import { ServiceSpecSchema } from '../../../src/contract/gen/supplant/v1/services_pb.ts';

/** What is opaque to all but blueprints, checks and metrics. */
const OPAQUE = [
  ...['blueprint.config', 'checks.http.json.equals'],
  ...['prometheus.headers', 'httpJson.headers', 'command.env'].map((path) => `strategy.metrics.${path}`),
];

/** Of all that a message can say: `checks.http.path`. */
function pathsOfMessage(desc: DescMessage, at: string): string[] {
  const paths = desc.members.flatMap((member) => {
    const fields = member.kind === 'oneof' ? member.fields : [member];
    const kind = member.kind === 'oneof' && member.name === 'kind' ? [`${at}kind`] : [];
    return [
      ...kind,
      ...fields.flatMap((field) => {
        const inline = isInline(field);
        const path = inline ? at : `${at}${readKey(field)}`;
        const message = field.message?.typeName.startsWith('google.protobuf.') ? undefined : field.message;
        const below = message ? pathsOfMessage(message, inline ? at : `${path}.`) : [];
        return inline ? below : [path, ...below];
      }),
    ];
  });
  return [...new Set(paths)];
}

/** Of all that a manifest can say. */
function pathsOfManifest(schema: JsonSchema, at: string): string[] {
  const { properties = {}, items, additionalProperties, anyOf = [] } = schema;
  const inside = [items, additionalProperties, ...anyOf].filter((each) => typeof each === 'object');
  const paths = [
    ...Object.entries(properties).flatMap(([key, value]) => {
      const path = `${at}${key}`;
      if (OPAQUE.includes(path) || typeof value !== 'object') return [path];
      return [path, ...pathsOfManifest(value, `${path}.`)];
    }),
    ...inside.flatMap((each) => pathsOfManifest(each as JsonSchema, at)),
  ];
  return [...new Set(paths)];
}

/** The words that a manifest takes at a path. */
function wordsAt(schema: JsonSchema, [key, ...rest]: string[]): unknown[] {
  if (key === undefined) return schema.enum ?? [];
  const forms = [schema, schema.items as JsonSchema | undefined, ...(schema.anyOf ?? [])];
  const below = forms.map((form) => form?.properties?.[key]).find((found) => found !== undefined);
  assert.ok(typeof below === 'object', key);
  return wordsAt(below, rest);
}

describe('manifest and contract', () => {
  const published = buildManifestJsonSchema();

  it('can say the same, key by key', () => {
    const wanted = pathsOfManifest(published, '').filter((path) => path !== 'apiVersion' && path !== 'kind');
    assert.deepEqual(pathsOfMessage(ServiceSpecSchema, '').toSorted(), wanted.toSorted());
  });

  it('know the same kinds of each', () => {
    for (const { name, message } of ServiceSpecSchema.fields) {
      const kinds = message?.oneofs.find((oneof) => oneof.name === 'kind')?.fields.map(readKindName);
      if (kinds) assert.deepEqual(wordsAt(published, [name, 'kind']), kinds);
    }
  });
});

describe('the field of a key', () => {
  const message = create(ServiceSpecSchema, {
    router: { kind: { case: 'embedded', value: {} } },
    strategy: { kind: { case: 'blueGreen', value: { metrics: [{ source: { case: 'httpJson', value: {} } }] } } },
    checks: [{ probe: { case: 'http', value: {} } }, { probe: { case: 'command', value: {} } }],
  });
  const cases: [path: (string | number)[], field: string][] = [
    [['name'], 'service'],
    [['environment'], 'environment'],
    [['blueprint', 'config', 'maxLatency', 'strictPort'], 'blueprint.config.maxLatency.strictPort'],
    [['router', 'kind'], 'router'],
    [['router', 'strictPort'], 'router.embedded.strict_port'],
    [['router', 'drain'], 'router.drain'],
    [['strategy', 'bake'], 'strategy.blue_green.bake'],
    [['strategy', 'failureLimit', 'unansweredRequests'], 'strategy.blue_green.failure_limit.unanswered_requests'],
    [['retention', 'for'], 'retention.warm_for'],
    [['checks'], 'checks'],
    [['checks', 0], 'checks[0]'],
    [['checks', 0, 'http'], 'checks[0].http'],
    [['checks', 0, 'http', 'maxLatency'], 'checks[0].http.max_latency'],
    [['checks', 0, 'http', 'status', 1], 'checks[0].http.status[1]'],
    [['checks', 0, 'http', 'responseHeaders', 'maxLatency'], 'checks[0].http.response_headers.maxLatency'],
    [['checks', 0, 'http', 'requestHeaders', 'X-A'], 'checks[0].http.request_headers.X-A'],
    [['checks', 0, 'http', 'json', 0, 'path'], 'checks[0].http.json[0].path'],
    [['checks', 0, 'http', 'tls', 'serverName'], 'checks[0].http.tls.server_name'],
    [['checks', 1, 'command', 0], 'checks[1].command.command[0]'],
    [['checks', 1, 'workingDirectory'], 'checks[1].command.working_directory'],
    [['checks', 7, 'intervall'], 'checks[7].intervall'],
    [['strategy', 'metrics', 0, 'httpJson', 'headers', 'X-A'], 'strategy.blue_green.metrics[0].http_json.headers.X-A'],
    [['strategy', 'metrics', 0, 'leastSamples'], 'strategy.blue_green.metrics[0].least_samples'],
  ];
  for (const [path, field] of cases) {
    it(`${formatPath(path)} is ${field}`, () => {
      assert.equal(formatPath(toFieldPath(ServiceSpecSchema, message, path)), field);
    });
  }
});
