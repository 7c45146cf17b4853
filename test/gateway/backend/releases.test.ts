import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ApiError } from '../../../src/contract/supplant-client.ts';
import type { ExperimentSpec } from '../../../src/domain/experiment/experiment.ts';
import type { ServiceSpec } from '../../../src/domain/service/service.ts';
import { type LookAtRelease, findReleaseFaults } from '../../../src/gateway/backend/experiments/releases.ts';
import { type Store, openStore } from '../../../src/store/store.ts';
import { revision, spec as serviceSpec } from '../../workflow/samples.ts';

const WEB = { name: 'web', environment: 'production' };
const CHANGE = { actor: 'ada', requestId: 'a-request-1' };
const SINCE = '2026-01-01T00:00:00.000Z';

function experiment(over: Partial<ExperimentSpec>): ExperimentSpec {
  return {
    experiment: { name: 'nightly', environment: 'production' },
    ...{ variants: [], probes: [], ttlMs: 60_000, stay: 'until-probed', overlap: 'skip', budget: {}, keepMs: 60_000 },
    ...over,
  };
}

describe('what is wrong with the releases of an experiment', () => {
  let folder: string;
  let store: Store;
  let seen: ServiceSpec[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-releases-'));
    store = await openStore(join(folder, 'store.db'));
    seen = [];
    const described = serviceSpec(WEB);
    await store.catalogue.saveService(described, 1);
    for (const [number, state] of [
      [1, 'warm'],
      [2, 'live'],
    ] as const) {
      await store.catalogue.saveRevision({ ...revision(described, number), state, since: SINCE, endpoints: [] }, 1);
      const ended = { actor: 'ada', startedAt: SINCE, endedAt: SINCE, outcome: 'succeeded' } as const;
      await store.catalogue.saveRollout({ service: WEB, number, kind: 'deploy', revision: number, ...ended });
    }
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A blueprint that takes neither artifacts with a `!` nor a config with the key `bad`. */
  const look: LookAtRelease = async (spec) => {
    seen.push(spec);
    return [
      ...(spec.artifact.includes('!') ? [{ path: 'artifact', message: 'expected another one' }] : []),
      ...('bad' in spec.blueprint.config ? [{ path: 'blueprint.config.bad', message: 'is not known' }] : []),
    ];
  };
  const pathsOf = async (over: Partial<ExperimentSpec>): Promise<string[]> =>
    (await findReleaseFaults(experiment(over), store.catalogue, look, CHANGE)).faults.map(({ path }) => path);

  it('is told of each variant at its place', async () => {
    const like = { kind: 'like' as const, service: WEB };
    const release = (artifact: string, config: object) =>
      ({ kind: 'release', artifact, blueprint: { name: 'local-process', config: { ...config } } }) as const;
    const paths = await pathsOf({
      variants: [
        { name: 'good', source: release('a', {}) },
        { name: 'both', source: release('a!', { bad: 1 }) },
        { name: 'same', source: like },
        { name: 'patched', source: { ...like, patch: { blueprint: { config: { bad: 1 } } } } },
        { name: 'unfit', source: { ...like, revision: 1, patch: { blueprint: 'other' } } },
      ],
    });
    assert.deepEqual(paths, [
      'variants[4].patch.blueprint',
      'variants[1].artifact',
      'variants[1].blueprint.config.bad',
      'variants[3].patch.blueprint.config.bad',
    ]);
    // What is as it was taken before needs no look.
    assert.deepEqual(
      seen.map(({ service }) => service.name),
      ['nightly--good', 'nightly--both', 'nightly--patched'],
    );
  });

  it('is told of a drill: of its candidate, and of the patch for both', async () => {
    const bad = { blueprint: { config: { bad: 1 } } };
    assert.deepEqual(await pathsOf({ drill: { service: WEB } }), []);
    assert.deepEqual(await pathsOf({ drill: { service: WEB, release: { artifact: 'a!', patch: bad } } }), [
      'drill.release.artifact',
      'drill.release.patch.blueprint.config.bad',
    ]);
    assert.deepEqual(await pathsOf({ drill: { service: WEB, release: { patch: { artifact: 'a!' } } } }), [
      'drill.release.patch.artifact',
    ]);
    assert.deepEqual(await pathsOf({ drill: { service: WEB, patch: bad } }), ['drill.patch.blueprint.config.bad']);
    assert.deepEqual(await pathsOf({ drill: { service: WEB, release: { patch: { blueprint: 1 } } } }), [
      'drill.release.patch.blueprint',
    ]);
  });

  it('is not known where nobody answers, and then nothing is refused', async () => {
    const nobody: LookAtRelease = () => Promise.reject(new ApiError('UNAVAILABLE', 'no worker answers'));
    const variants = [
      { name: 'a', source: { kind: 'release' as const, artifact: 'a', blueprint: { name: 'b', config: {} } } },
    ];
    assert.deepEqual(await findReleaseFaults(experiment({ variants }), store.catalogue, nobody, CHANGE), {
      faults: [],
      unknown: 'no worker answers',
    });
    const broken: LookAtRelease = () => Promise.reject(new ApiError('INTERNAL', 'broken'));
    await assert.rejects(findReleaseFaults(experiment({ variants }), store.catalogue, broken, CHANGE), /broken/);
  });
});
