import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { describeCandidate } from '../../../src/domain/experiment/drill/candidate.ts';
import { DRILL_STACKS, type DrillSpec, countStacks } from '../../../src/domain/experiment/drill/drill.ts';
import { buildDrillExperiment, findDrillConflict, nameDrill } from '../../../src/domain/experiment/drill/experiment.ts';
import { judgeDrill } from '../../../src/domain/experiment/drill/judge.ts';
import { buildCandidate, chooseReleases, resolveDrill } from '../../../src/domain/experiment/drill/resolve.ts';
import { describeStageFailure, planDrillStages } from '../../../src/domain/experiment/drill/stages.ts';
import { describeDrill } from '../../../src/domain/experiment/drill/words.ts';
import { EXPERIMENT_NAME, type ExperimentSpec } from '../../../src/domain/experiment/experiment.ts';
import { findExperimentFaults } from '../../../src/domain/experiment/faults.ts';
import { check } from '../../workflow/samples.ts';

const WEB = { name: 'web', environment: 'production' };
const HOUR_MS = 3_600_000;

function revision(number: number) {
  const blueprint = { name: 'local-process', digest: 'd', config: { db: 'live', number } };
  return { number, artifact: `npm:web@${number}.0.0`, blueprint, checks: [check(`r${number}`)] };
}

function experiment(drill: DrillSpec, over: Partial<ExperimentSpec> = {}): ExperimentSpec {
  return {
    experiment: { name: 'web-drill', environment: 'production' },
    ...{ variants: [], drill, probes: [], ttlMs: HOUR_MS, stay: 'until-probed', overlap: 'skip' },
    ...{ budget: {}, keepMs: HOUR_MS },
    ...over,
  };
}

describe('the stages of a drill', () => {
  const stages = planDrillStages({ from: 'r5', to: 'r4' });

  it('are r(n), r(n-1) and r(n), each with one stack', () => {
    assert.deepEqual(
      stages.map(({ variants, place }) => [variants, place?.label, place?.tried, place?.after]),
      [
        [['first'], 'first, 1 of 3', 'r5', undefined],
        [['back'], 'back, 2 of 3', 'r4', 'r5'],
        [['again'], 'again, 3 of 3', 'r5', 'r4'],
      ],
    );
  });

  it('say of a failure which release it was, and on whose data', () => {
    const [first, back] = stages;
    assert.equal(
      describeStageFailure(back!.place!, 'validate', 'nothing answered'),
      'r4 did not become healthy on what r5 left: nothing answered',
    );
    assert.equal(describeStageFailure(first!.place!, 'provision', 'why'), 'r5 could not be made: why');
    assert.equal(describeStageFailure(back!.place!, 'probe', 'why'), 'r4 did not pass its probes on what r5 left: why');
  });

  it('have as many stacks at a time as a rollback has', () => {
    assert.equal(countStacks(experiment({ service: WEB })), DRILL_STACKS);
    assert.equal(countStacks({ variants: ['a', 'b', 'c'] }), 3);
  });
});

describe('which rollback a drill tries', () => {
  const facts = { live: revision(5), previous: revision(4) };

  it('is from what is live to what was before', () => {
    const chosen = chooseReleases(WEB, facts);
    assert.ok(!('faults' in chosen));
    assert.deepEqual([chosen.from.label, chosen.to.label], ['r5', 'r4']);
  });

  it('is from a candidate to what is live', () => {
    const candidate = buildCandidate(
      { artifact: 'npm:web@6.0.0', patch: { blueprint: { config: { number: 6 } } } },
      revision(5),
    );
    assert.ok(!('faults' in candidate));
    const chosen = chooseReleases(WEB, { ...facts, candidate });
    assert.ok(!('faults' in chosen));
    assert.deepEqual([chosen.from.label, chosen.to.label], ['npm:web@6.0.0', 'r5']);
    assert.deepEqual(chosen.from.blueprint.config, { db: 'live', number: 6 });
    assert.deepEqual(chosen.from.checks, revision(5).checks);
  });

  it('is none of a service without anything to go back to', () => {
    const alone = chooseReleases(WEB, { live: revision(1) });
    assert.ok('faults' in alone);
    assert.match(alone.faults[0]?.message ?? '', /has no revision before r1 to go back to/);
    const nothing = chooseReleases(WEB, {});
    assert.ok('faults' in nothing);
    assert.match(nothing.faults[0]?.message ?? '', /has no live revision/);
  });

  it('has the same patch for all, and the checks of each release', () => {
    const chosen = chooseReleases(WEB, facts);
    assert.ok(!('faults' in chosen));
    const patch = { blueprint: { config: { db: 'copy' } } };
    const made = resolveDrill({ service: WEB, patch }, chosen);
    assert.ok(!('faults' in made));
    assert.deepEqual(
      made.map(({ name, artifact, blueprint, checks, like }) => [
        name,
        artifact,
        blueprint.config,
        checks[0]?.name,
        like,
      ]),
      [
        ['first', 'npm:web@5.0.0', { db: 'copy', number: 5 }, 'r5', { service: WEB, revision: 5 }],
        ['back', 'npm:web@4.0.0', { db: 'copy', number: 4 }, 'r4', { service: WEB, revision: 4 }],
        ['again', 'npm:web@5.0.0', { db: 'copy', number: 5 }, 'r5', { service: WEB, revision: 5 }],
      ],
    );
  });

  it('is told in words', () => {
    assert.equal(describeDrill({ service: WEB }), 'rollback of web/production from what is live to what was before');
    assert.equal(
      describeDrill({ service: WEB, release: { artifact: 'npm:web@6.0.0' }, patch: {} }),
      'rollback of web/production from npm:web@6.0.0 to what is live, both with a patch',
    );
  });
});

describe('what a drill says of its rollback', () => {
  it('is that it works, that it does not, or nothing', () => {
    assert.equal(judgeDrill({ outcome: 'succeeded' }), 'proven');
    assert.equal(judgeDrill({ outcome: 'failed', disproves: true }), 'disproven');
    for (const outcome of ['failed', 'stopped', 'expired', 'replaced', 'lost', 'skipped'] as const) {
      assert.equal(judgeDrill({ outcome }), undefined);
    }
  });
});

describe('a drill with faults', () => {
  const faultsOf = (spec: ExperimentSpec): string[] =>
    findExperimentFaults(spec, { longestTtlMs: 24 * HOUR_MS }).map(({ path }) => path);

  it('has none as it should be', () => {
    const patch = { blueprint: { config: { db: 'copy' } } };
    assert.deepEqual(faultsOf(experiment({ service: WEB, release: { artifact: 'a' }, patch })), []);
  });

  it('is told all of them at once', () => {
    const drill = { service: { name: 'Web', environment: 'production' }, release: {}, patch: { artifact: 'a' } };
    const compare = { baseline: 'first', confidence: 0.95, tolerance: 0.05 };
    const more = { compare, stay: 'until-ttl', addresses: { first: 8080 }, budget: { stacks: 1 } } as const;
    const variants = [{ name: 'blue', source: { kind: 'like' as const, service: WEB } }];
    assert.deepEqual(faultsOf(experiment(drill, { ...more, variants })), [
      'drill.service',
      'drill.release',
      'drill.patch.artifact',
      'variants',
      'compare',
      'stay',
      'addresses',
      'budget.stacks',
    ]);
  });

  it('has its artifact in one place', () => {
    const release = { artifact: 'a', patch: { artifact: 'b' } };
    assert.deepEqual(faultsOf(experiment({ service: WEB, release })), ['drill.release.patch.artifact']);
  });
});

describe('the experiment of a drill', () => {
  it('is called after its service, also a long one, and differently of two that begin alike', () => {
    assert.deepEqual(nameDrill(WEB), { name: 'web-drill', environment: 'production' });
    const long = (ending: string): string => nameDrill({ ...WEB, name: `a-service-with-a-long-name-${ending}` }).name;
    assert.match(long('one'), EXPERIMENT_NAME);
    assert.notEqual(long('one'), long('two'));
    for (let length = 1; length <= 40; length += 1) {
      assert.match(
        nameDrill({ ...WEB, name: 'a-'.repeat(20).slice(0, length).replace(/-$/, 'b') }).name,
        EXPERIMENT_NAME,
      );
    }
  });

  it('keeps what was described before, but for what is wanted now', () => {
    const key = nameDrill(WEB);
    const before = experiment({
      service: WEB,
      release: { artifact: 'a' },
      patch: { blueprint: { config: { db: 'x' } } },
    });
    const next = buildDrillExperiment(key, WEB, { ttlMs: 5 }, { ...before, keepMs: 7 });
    assert.deepEqual([next.drill, next.ttlMs, next.keepMs], [{ service: WEB, patch: before.drill?.patch }, 5, 7]);
    const fresh = buildDrillExperiment(key, WEB, { release: { artifact: 'b' } });
    assert.deepEqual(fresh.drill, { service: WEB, release: { artifact: 'b' } });
    assert.deepEqual(findExperimentFaults(fresh, { longestTtlMs: 24 * HOUR_MS }), []);
  });

  it('is not one that is something else', () => {
    const { drill: _drill, ...other } = experiment({ service: WEB });
    assert.equal(findDrillConflict(other, WEB), 'it is no drill');
    assert.equal(
      findDrillConflict(experiment({ service: WEB }), { ...WEB, name: 'api' }),
      'it is a drill of web/production',
    );
    assert.equal(findDrillConflict(experiment({ service: WEB }), WEB), undefined);
  });
});

describe('a candidate that a manifest describes', () => {
  const { number: _number, ...described } = revision(5);

  it('is what is different, and makes what the manifest says', () => {
    const wanted = {
      artifact: 'npm:web@6.0.0',
      blueprint: { name: 'local-process', config: { db: 'live', more: { a: [1] } } },
      checks: [check('new')],
    };
    const candidate = describeCandidate(described, wanted);
    assert.ok(!('fault' in candidate));
    assert.deepEqual(candidate.patch, { blueprint: { config: { number: null, more: { a: [1] } } } });
    const made = buildCandidate(candidate, described);
    assert.ok(!('faults' in made));
    assert.deepEqual(made, wanted);
  });

  it('says nothing of what is the same', () => {
    assert.deepEqual(describeCandidate(described, { ...described, artifact: 'b' }), { artifact: 'b' });
  });

  it('is refused where it cannot be said', () => {
    const other = { ...described, blueprint: { name: 'other', config: {} } };
    assert.match(JSON.stringify(describeCandidate(described, other)), /its blueprint is other/);
    const nothing = { ...described, blueprint: { name: 'local-process', config: { db: null } } };
    assert.match(JSON.stringify(describeCandidate(described, nothing)), /has a null/);
  });
});
