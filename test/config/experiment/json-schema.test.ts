import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { renderSchema } from '../../../src/cli/commands/schema.ts';
import { parseExperimentManifest } from '../../../src/config/experiment/parse.ts';
import { buildExperimentJsonSchema } from '../../../src/config/experiment/published.ts';
import { someExperiment } from './arbitrary.ts';
import { renderExperiment } from './render.ts';

const schema = buildExperimentJsonSchema();
// Said to editors only.
const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
ajv.addKeyword('patternErrorMessage');
const validate = ajv.compile(schema);

/** What the JSON Schema has against a manifest. */
function refusals(manifest: unknown): string[] {
  validate(manifest);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

const HEAD = {
  apiVersion: 'supplant.dev/v1',
  kind: 'Experiment',
  name: 'nightly',
  environment: 'production',
  variants: [{ name: 'blue', like: 'web/production' }],
  ttl: '1h',
};

describe('the JSON Schema of experiments', () => {
  it('takes whatever a manifest can say', () => {
    fc.assert(
      fc.property(someExperiment, (spec) => assert.deepEqual(refusals(parse(renderExperiment(spec))), [])),
      { numRuns: 50 },
    );
  });

  it('takes every experiment that a page of the documentation shows whole', () => {
    let found = 0;
    for (const path of globSync('docs/**/*.md')) {
      const blocks = readFileSync(path, 'utf8').matchAll(/```yaml\n([^]*?)```/g);
      for (const [, text = ''] of blocks) {
        const shown = parse(text) as { kind?: unknown } | null;
        if (shown?.kind !== HEAD.kind) continue;
        found += 1;
        assert.deepEqual(refusals(shown), [], path);
      }
    }
    assert.ok(found > 0);
  });

  const faulty: [string, object][] = [
    ['no variants', { ...HEAD, variants: undefined }],
    ['an empty list of variants', { ...HEAD, variants: [] }],
    ['a variant of nothing', { ...HEAD, variants: [{ name: 'blue' }] }],
    ['a variant without a blueprint', { ...HEAD, variants: [{ name: 'blue', artifact: 'a' }] }],
    ['no TTL', { ...HEAD, ttl: undefined }],
    ['a TTL without a unit', { ...HEAD, ttl: 60 }],
    ['a misspelt key', { ...HEAD, probs: [] }],
    ['a probe of no kind', { ...HEAD, probes: [{ name: 'a' }] }],
    ['a load without a rate', { ...HEAD, probes: [{ name: 'a', load: { for: '10s' } }] }],
    ['a schedule without a time', { ...HEAD, schedule: { timeZone: 'UTC' } }],
    ['an unknown overlap', { ...HEAD, overlap: 'queue' }],
    ['a confidence in per cent', { ...HEAD, compare: { baseline: 'blue', confidence: 95 } }],
  ];
  for (const [what, manifest] of faulty) {
    it(`refuses ${what}, as reading does`, () => {
      assert.notDeepEqual(refusals(JSON.parse(JSON.stringify(manifest))), []);
      assert.ok(!parseExperimentManifest(stringify(manifest)).ok);
    });
  }

  it('never refuses what reading takes', () => {
    const odd = fc.constantFrom<unknown>(null, 7, '', 'x', '1h30m', [], {}, [{}], true, '0 2 * * *', '1-5');
    const keys = fc.constantFrom('probes', 'compare', 'schedule', 'ttl', 'stay', 'budget', 'keep', 'addresses');
    const inner = fc.constantFrom('cron', 'every', 'calendar', 'baseline', 'stacks', 'name', 'http', 'load', 'hour');
    const change = fc.tuple(keys, fc.oneof(odd, fc.dictionary(inner, odd, { maxKeys: 3 })));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
        const text = stringify({ ...HEAD, ...Object.fromEntries(changes) });
        if (parseExperimentManifest(text).ok) assert.deepEqual(refusals(parse(text)), [], text);
      }),
      { numRuns: 300 },
    );
  });

  it('describes every key', () => {
    const described = (of: unknown, path: string): void => {
      if (typeof of !== 'object' || of === null) return;
      const { properties = {} } = of as { properties?: Record<string, { description?: string }> };
      for (const [key, below] of Object.entries(properties)) assert.ok(below.description, `${path}.${key}`);
      for (const [key, below] of Object.entries(of)) described(below, `${path}.${key}`);
    };
    described(schema, '');
  });

  it('is what supplant schema prints', async () => {
    const printed = JSON.parse(await renderSchema('experiment')) as object;
    assert.ok(ajv.validateSchema(printed), ajv.errorsText());
    assert.deepEqual(printed, JSON.parse(JSON.stringify(schema)));
  });
});
