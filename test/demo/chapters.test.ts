import assert from 'node:assert/strict';
import { NEXT_ARTIFACT, brokenService, demoService, rolloutChapters } from '../../demo/chapters.ts';

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

  it('are the four rollouts of the story, in order', () => {
    assert.deepEqual(
      rolloutChapters(spec).map(({ revision, expected, isRollback = false }) => [revision, expected, isRollback]),
      [
        [1, 'succeeded', false],
        [2, 'succeeded', false],
        [3, 'failed', false],
        [1, 'succeeded', true],
      ],
    );
  });
});
