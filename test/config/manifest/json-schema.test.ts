import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { configSchema } from '../../../blueprints/local-process/config.ts';
import { FIRST_MANIFEST } from '../../../src/cli/commands/first-manifest.ts';
import { renderSchema } from '../../../src/cli/commands/schema.ts';
import { faultMessage } from '../../../src/config/fault.ts';
import { parseManifest } from '../../../src/config/manifest/parse.ts';
import { buildManifestJsonSchema } from '../../../src/config/manifest/published.ts';
import { someSpec } from './arbitrary.ts';
import { renderManifest } from './render.ts';

const schema = buildManifestJsonSchema({ 'local-process': configSchema });
// Said to editors only.
const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
ajv.addKeyword('patternErrorMessage');
const validate = ajv.compile(schema);

interface Mapping {
  properties: Record<string, { default: unknown }>;
}

/** What the JSON Schema has against a manifest. */
function refusals(manifest: unknown): string[] {
  validate(manifest);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

const HEAD = {
  apiVersion: 'supplant.dev/v1',
  kind: 'Service',
  name: 'web',
  environment: 'production',
  artifact: 'npm:http-server@14.1.1',
  blueprint: 'local-process',
};

describe('the JSON Schema of manifests', () => {
  for (const path of globSync('examples/*/*.yaml')) {
    const manifest = parse(readFileSync(path, 'utf8')) as { kind: string };
    // An environment is another kind, with its blueprint's schema.
    if (manifest.kind === HEAD.kind) it(`takes ${path}`, () => assert.deepEqual(refusals(manifest), []));
  }

  it('takes what init writes', () => assert.deepEqual(refusals(parse(FIRST_MANIFEST)), []));

  it('takes every manifest that a page of the documentation shows whole', () => {
    const shown = globSync('docs/**/*.md').flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/```yaml\n(apiVersion: supplant.dev\/v1\nkind: Service\n[^]*?)```/g)].map(
        ([, text = '']) => text,
      ),
    );
    assert.ok(shown.length > 0);
    for (const text of shown) {
      assert.deepEqual(refusals(parse(text)), [], text);
      const parsed = parseManifest(text, '/srv');
      assert.ok(parsed.ok, parsed.ok ? '' : parsed.faults.map(faultMessage).join());
    }
  });

  it('takes whatever a manifest can say', () => {
    fc.assert(
      fc.property(someSpec, (spec) => {
        const { blueprint, ...service } = spec;
        const manifest = renderManifest({
          ...service,
          blueprint: { ...blueprint, name: `x-${blueprint.name}`.slice(0, 9) },
        });
        if (!parseManifest(manifest).ok) return;
        assert.deepEqual(refusals(parse(manifest)), []);
      }),
    );
  });

  const faulty: [string, object][] = [
    ['nothing but a name', { name: 'web' }],
    ['another version', { ...HEAD, apiVersion: 'supplant.dev/v2' }],
    ['a misspelt key', { ...HEAD, enviroment: 'x' }],
    ['a misspelt key below', { ...HEAD, router: { prot: 80 } }],
    ['a name in capitals', { ...HEAD, name: 'Web' }],
    ['a number as artifact', { ...HEAD, artifact: 7 }],
    ['a port beyond', { ...HEAD, router: { port: 99_999 } }],
    ['a duration without unit', { ...HEAD, strategy: { bake: 10 } }],
    ['a duration of another grammar', { ...HEAD, strategy: { bake: '1.5s' } }],
    ['a duration with its units the wrong way round', { ...HEAD, retention: { for: '30m1h' } }],
    ['an empty duration', { ...HEAD, retention: { for: '' } }],
    ['an unknown strategy', { ...HEAD, strategy: { kind: 'canary-ish' } }],
    ['an unknown preset', { ...HEAD, strategy: 'canary20-5m' }],
    ['a step with all traffic', { ...HEAD, strategy: { kind: 'canary', steps: [{ weight: 100, bake: '1m' }] } }],
    ['a step of letters', { ...HEAD, strategy: { kind: 'linear', step: '10%', every: '1m' } }],
    ['no checks', { ...HEAD, checks: [] }],
    ['a check of no kind', { ...HEAD, checks: [{ name: 'a' }] }],
    ['a status beyond', { ...HEAD, checks: [{ name: 'a', http: { status: 700 } }] }],
    ['a span of letters', { ...HEAD, checks: [{ name: 'a', http: { status: ['2xx'] } }] }],
    ['headers as other tools call them', { ...HEAD, checks: [{ name: 'a', http: { headers: {} } }] }],
    ['a command line', { ...HEAD, checks: [{ name: 'a', command: 'curl -f' }] }],
    ['a path without slash', { ...HEAD, checks: [{ name: 'a', http: { path: 'up' } }] }],
    ['too many warm ones', { ...HEAD, retention: { warm: 11 } }],
    ['an unknown policy', { ...HEAD, concurrency: 'wait' }],
    ['another word for drift', { ...HEAD, drift: 'ignore' }],
    ['a window of no revision', { ...HEAD, rollbackWindow: { revisions: 0 } }],
    ['another end of a freeze', { ...HEAD, freezeOnFail: { then: 'wait' } }],
    ['a deadline that is too short', { ...HEAD, progressDeadline: '' }],
  ];
  for (const [what, manifest] of faulty) {
    it(`refuses ${what}, as reading does`, () => {
      assert.notDeepEqual(refusals(manifest), []);
      assert.ok(!parseManifest(stringify(manifest)).ok);
    });
  }

  it('never refuses what reading takes', () => {
    const odd = fc.constantFrom<unknown>(undefined, null, 7, '', 'x', '1h30m', [], {}, [{}], true, 200, '200-299');
    const keys = fc.constantFrom(
      'name',
      'artifact',
      'blueprint',
      'router',
      'strategy',
      'checks',
      'retention',
      'concurrency',
      'drift',
      'rollbackSafety',
      'rollbackWindow',
      'freezeOnFail',
      'progressDeadline',
      'hooks',
      'rollbackOn',
      'migrations',
      'pool',
    );
    const inner = fc.constantFrom('port', 'drain', 'kind', 'bake', 'warm', 'for', 'http', 'command', 'config', 'x');
    const change = fc.tuple(keys, fc.oneof(odd, fc.dictionary(inner, odd, { maxKeys: 3 })));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
        const manifest = { ...HEAD, ...Object.fromEntries(changes) };
        const text = stringify(manifest);
        if (parseManifest(text).ok) assert.deepEqual(refusals(parse(text)), [], text);
      }),
      { numRuns: 500 },
    );
  });

  it('knows what the built-in blueprint takes, and leaves others alone', () => {
    const config = { arg: ['.'], stopGrace: '1h30m' };
    assert.match(refusals({ ...HEAD, blueprint: { name: 'local-process', config } }).join(), /additional properties/);
    assert.deepEqual(refusals({ ...HEAD, blueprint: { name: 'local-process', config: { stopGrace: '1h30m' } } }), []);
    assert.deepEqual(refusals({ ...HEAD, blueprint: { name: 'other', config } }), []);
  });

  it('describes every key, and says every default', () => {
    const described = (of: unknown, path: string): void => {
      if (typeof of !== 'object' || of === null) return;
      for (const [key, below] of Object.entries(
        (of as { properties?: Record<string, { description?: string }> }).properties ?? {},
      )) {
        assert.ok(below.description, `${path}.${key}`);
      }
      for (const [key, below] of Object.entries(of)) described(below, `${path}.${key}`);
    };
    described({ ...schema, allOf: [] }, '');
    const { strategy, retention } = schema.properties as Record<string, Mapping & { anyOf?: Mapping[] }>;
    const defaults = [strategy?.anyOf?.[0]?.properties.bake?.default, retention?.properties.for?.default];
    assert.deepEqual(defaults, ['10s', '1h']);
  });
});

describe('supplant schema', () => {
  for (const kind of ['manifest', 'access', 'contexts'] as const) {
    it(`prints one of ${kind} that validators take`, async () => {
      const printed = JSON.parse(await renderSchema(kind)) as object;
      assert.ok(ajv.validateSchema(printed), ajv.errorsText());
      if (kind === 'manifest') assert.deepEqual(printed, JSON.parse(JSON.stringify(schema)));
    });
  }
});
