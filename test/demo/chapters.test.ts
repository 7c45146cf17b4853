import assert from 'node:assert/strict';
import { LEAST_MEASURED } from '../../src/domain/experiment/compare-doubts.ts';
import {
  NEXT_ARTIFACT,
  brokenService,
  demoService,
  experimentChapter,
  rolloutChapters,
  slowService,
} from '../../demo/chapters.ts';

describe("the demo's chapters", () => {
  const spec = demoService();

  it('begin with a service whose manifest has no fault', () => {
    assert.equal(spec.artifact, 'npm:http-server@14.1.0');
    assert.equal(spec.retention.warm, 1);
  });

  it('break the next version by what it serves, and by nothing else', () => {
    const broken = brokenService(spec);
    const [served, ...rest] = broken.blueprint.config.args as string[];
    const [servedBefore, ...restBefore] = spec.blueprint.config.args as string[];
    assert.notEqual(served, servedBefore);
    assert.deepEqual(rest, restBefore);
    assert.deepEqual({ ...broken, blueprint: spec.blueprint, artifact: spec.artifact }, spec);
    assert.equal(broken.artifact, NEXT_ARTIFACT);
  });

  it('are the five rollouts of the story, in order', () => {
    assert.deepEqual(
      rolloutChapters(spec).map(({ revision, expected, isRollback = false }) => [revision, expected, isRollback]),
      [
        [1, 'succeeded', false],
        [2, 'succeeded', false],
        [3, 'failed', false],
        [4, 'rolled-back', false],
        [1, 'succeeded', true],
      ],
    );
  });

  it('slow the next version down, and give it a tenth of the traffic beside what is live', () => {
    const { strategy, ...slow } = slowService(spec);
    const config = { ...spec.blueprint.config, env: slow.blueprint.config.env };
    assert.deepEqual(
      { ...slow, strategy: spec.strategy },
      {
        ...{ ...spec, artifact: NEXT_ARTIFACT },
        blueprint: { ...spec.blueprint, config },
      },
    );
    assert.ok(strategy.kind === 'canary' && strategy.analysis?.compare?.latency);
    assert.deepEqual(
      strategy.steps.map(({ weight }) => weight),
      [10],
    );
    // As many requests as it takes come in the bake at 250 a second.
    const [step] = strategy.steps;
    assert.ok(((step?.bakeMs ?? 0) / 1_000) * 250 * 0.1 > strategy.analysis.leastRequests);
  });

  it('end with copies of what is live and of the next version, which are compared', () => {
    const { variants, probes, compare, schedule } = experimentChapter().spec;
    const { service } = spec;
    assert.deepEqual(
      variants.map(({ name, source }) => [name, source]),
      [
        ['baseline', { kind: 'like', service }],
        ['candidate', { kind: 'like', service, patch: { artifact: NEXT_ARTIFACT } }],
      ],
    );
    assert.equal(compare?.baseline, 'baseline');
    const [load] = probes;
    assert.ok(load?.kind === 'load' && (load.rate * load.forMs) / 1000 >= LEAST_MEASURED);
    assert.equal(schedule, undefined);
  });
});
