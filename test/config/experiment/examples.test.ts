import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { configSchema } from '../../../blueprints/local-process/config.ts';
import { FIRST_EXPERIMENT } from '../../../src/cli/commands/first-experiment.ts';
import { parseExperimentManifest } from '../../../src/config/experiment/parse.ts';
import { buildExperimentJsonSchema } from '../../../src/config/experiment/published.ts';
import { faultMessage } from '../../../src/config/fault.ts';
import { parseManifest } from '../../../src/config/manifest/parse.ts';
import { checkValue } from '../../../src/config/problems.ts';
import type { ExperimentSpec } from '../../../src/domain/experiment/experiment.ts';
import { formatServiceId } from '../../../src/domain/service/service.ts';

const ajv = new Ajv({ allErrors: true, strict: false });
const validate = ajv.compile(buildExperimentJsonSchema());

/** The services that the other examples describe. */
const services = new Set(
  globSync('examples/*/supplant.yaml').map((path) => {
    const parsed = parseManifest(readFileSync(path, 'utf8'), resolve(dirname(path)));
    assert.ok(parsed.ok, path);
    return formatServiceId(parsed.spec.service);
  }),
);

function read(path: string): ExperimentSpec {
  const parsed = parseExperimentManifest(readFileSync(path, 'utf8'), resolve(dirname(path)));
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.faults.map(faultMessage).join('\n'));
  return parsed.spec;
}

describe('the examples of experiments', () => {
  const paths = globSync('examples/experiments/*.yaml');

  it('are there', () => assert.ok(paths.length > 0));

  for (const path of paths) {
    it(`${path} is taken, and by its schema`, () => {
      read(path);
      validate(parse(readFileSync(path, 'utf8')));
      assert.deepEqual(validate.errors ?? [], []);
    });

    it(`${path} names what there is`, () => {
      const { addresses = {}, compare, probes, variants } = read(path);
      const names = variants.map(({ name }) => name);
      assert.ok(compare === undefined || names.includes(compare.baseline));
      for (const probe of compare?.probes ?? []) assert.ok(probes.some(({ name }) => name === probe));
      for (const name of Object.keys(addresses)) assert.ok(names.includes(name), name);
      for (const { source } of variants) {
        if (source.kind === 'like') assert.ok(services.has(formatServiceId(source.service)), path);
        else {
          const [, folder] = /^dir:(.*)$/.exec(source.artifact) ?? [];
          assert.ok(folder === undefined || existsSync(folder), source.artifact);
          const checked = checkValue(configSchema, source.blueprint.config);
          assert.deepEqual(checked.ok ? [] : checked.problems, []);
        }
      }
    });
  }

  it('begin with what init writes, which is taken, too', () => {
    const parsed = parseExperimentManifest(FIRST_EXPERIMENT);
    assert.deepEqual(parsed.ok ? [] : parsed.faults, []);
    validate(parse(FIRST_EXPERIMENT));
    assert.deepEqual(validate.errors ?? [], []);
  });
});
