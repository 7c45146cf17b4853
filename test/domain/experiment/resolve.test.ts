import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DEFAULT_CHECKS } from '../../../src/domain/evidence/default-checks.ts';
import type { LikeSource } from '../../../src/domain/experiment/experiment.ts';
import { type LikeRevision, resolveVariant } from '../../../src/domain/experiment/resolve.ts';
import type { JsonObject } from '../../../src/domain/json.ts';

const WEB = { name: 'web', environment: 'production' };
const LIVE: LikeRevision = {
  service: WEB,
  number: 17,
  artifact: 'npm:http-server@14.1.1',
  blueprint: { name: 'local-process', digest: 'd', config: { args: ['-c-1'], env: { A: '1', B: '2' } } },
  checks: DEFAULT_CHECKS.map((check) => ({ ...check, name: 'of the revision' })),
};

function like(over: Partial<LikeSource> = {}): LikeSource {
  return { kind: 'like', service: WEB, ...over };
}

function faults(patch: JsonObject): string[] {
  const resolved = resolveVariant({ name: 'a', source: like({ patch }) }, LIVE);
  return 'faults' in resolved ? resolved.faults.map(({ path }) => path) : [];
}

describe('what a variant comes to', () => {
  it('is a release of its own, with checks of its own or the least there is', () => {
    const blueprint = { name: 'local-process', config: {} };
    const source = { kind: 'release' as const, artifact: 'command', blueprint };
    const made = { name: 'a', artifact: 'command', blueprint };
    assert.deepEqual(resolveVariant({ name: 'a', source }), { ...made, checks: DEFAULT_CHECKS });
    assert.deepEqual(resolveVariant({ name: 'a', source, checks: [] }), { ...made, checks: [] });
  });

  it('is the revision that it is like, with its checks', () => {
    assert.deepEqual(resolveVariant({ name: 'a', source: like() }, LIVE), {
      name: 'a',
      artifact: LIVE.artifact,
      blueprint: { name: 'local-process', config: LIVE.blueprint.config, pool: 'default' },
      checks: LIVE.checks,
      like: { service: WEB, revision: 17 },
    });
  });

  it('is made where the revision that it is like was', () => {
    const revision = { ...LIVE, blueprint: { ...LIVE.blueprint, pool: 'eu-west' } };
    const resolved = resolveVariant({ name: 'a', source: like({ patch: { blueprint: { config: {} } } }) }, revision);
    assert.ok(!('faults' in resolved));
    assert.equal(resolved.blueprint.pool, 'eu-west');
  });

  it('is what a patch makes of it, member by member', () => {
    const patch = { artifact: 'npm:http-server@14.1.2', blueprint: { config: { env: { A: null, C: '3' } } } };
    const resolved = resolveVariant({ name: 'a', source: like({ patch }), checks: [] }, LIVE);
    assert.ok(!('faults' in resolved));
    assert.deepEqual(
      [resolved.artifact, resolved.blueprint, resolved.checks],
      [
        'npm:http-server@14.1.2',
        { name: 'local-process', config: { args: ['-c-1'], env: { B: '2', C: '3' } }, pool: 'default' },
        [],
      ],
    );
    assert.deepEqual(LIVE.blueprint.config.env, { A: '1', B: '2' });
  });

  it('may lose all of its config', () => {
    for (const patch of [{ blueprint: null }, { blueprint: { config: null } }]) {
      const resolved = resolveVariant({ name: 'a', source: like({ patch }) }, LIVE);
      assert.ok(!('faults' in resolved));
      assert.deepEqual(resolved.blueprint, { name: 'local-process', config: {}, pool: 'default' });
    }
  });

  it('is refused with all that is wrong with its patch', () => {
    assert.deepEqual(faults({ artifact: null }), ['patch.artifact']);
    assert.deepEqual(faults({ artifact: 1, checks: [], blueprint: { name: 'aws', config: 'x' } }), [
      'patch.artifact',
      'patch.checks',
      'patch.blueprint.config',
      'patch.blueprint.name',
    ]);
    assert.deepEqual(faults({ blueprint: [] }), ['patch.blueprint']);
  });

  it('is refused with what to do where there is nothing to be like', () => {
    const none = resolveVariant({ name: 'a', source: like() });
    assert.match('faults' in none ? none.faults[0]!.message : '', /no live revision; deploy it, or name a revision/);
    const gone = resolveVariant({ name: 'a', source: like({ revision: 3 }) });
    assert.match('faults' in gone ? gone.faults[0]!.message : '', /^r3 of web\/production is not recorded/);
  });
});
