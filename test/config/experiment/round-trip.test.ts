import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EXPERIMENT_KIND, type ExperimentManifest } from '../../../src/config/experiment/schema.ts';
import { parseExperimentManifest } from '../../../src/config/experiment/parse.ts';
import { buildExperimentManifest, buildExperimentSpec } from '../../../src/config/experiment/spec.ts';
import { API_VERSION } from '../../../src/config/manifest/schema.ts';
import { someExperiment } from './arbitrary.ts';
import { renderExperiment } from './render.ts';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('an experiment', () => {
  it('is read back from what it is written as', () => {
    fc.assert(
      fc.property(someExperiment, (experiment) => {
        const parsed = parseExperimentManifest(renderExperiment(experiment));
        assert.ok(parsed.ok, JSON.stringify(parsed));
        assert.deepEqual(plain(parsed.spec), plain(experiment));
      }),
    );
  });

  it('is the same after it was a manifest', () => {
    fc.assert(
      fc.property(someExperiment, (experiment) => {
        const manifest: ExperimentManifest = {
          apiVersion: API_VERSION,
          kind: EXPERIMENT_KIND,
          ...buildExperimentManifest(experiment),
        };
        assert.deepEqual(plain(buildExperimentSpec(manifest)), plain(experiment));
      }),
    );
  });
});
