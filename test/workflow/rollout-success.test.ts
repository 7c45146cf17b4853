import assert from 'node:assert/strict';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { Bench } from './bench.ts';
import { input, spec } from './samples.ts';
import { startServer } from './server.ts';

describe('rollout that succeeds', () => {
  let env: TestWorkflowEnvironment;
  let bench: Bench;
  before(async () => (env = await startServer()));
  after(() => env.teardown());
  beforeEach(async () => (bench = await Bench.open(env)));
  afterEach(() => bench.close());

  it('makes a first revision live', async () => {
    const handle = await bench.start(input(spec(bench.service), { to: 1 }));
    const { status, lineup } = await handle.result();
    assert.equal(status.outcome, 'succeeded');
    assert.equal(lineup.live?.revision.number, 1);
    assert.deepEqual(bench.activities.steps, ['open', 'provision', 'check', 'shift', 'settle', 'close']);
    assert.deepEqual(bench.activities.router.weights, { r1: 100 });
  });

  for (const [warm, kept, retired] of [
    [0, [], ['release', 'destroy', 'destroy']],
    [1, [3], ['release', 'destroy']],
    [2, [3, 2], []],
  ] as const) {
    it(`keeps ${warm} warm, and takes the others out of the route before they are destroyed`, async () => {
      const handle = await bench.start(input(spec(bench.service, { warm }), { to: 4, live: 3, warm: [2] }));
      const { status, lineup } = await handle.result();
      assert.equal(status.outcome, 'succeeded');
      assert.deepEqual(lineup.warm.map((each) => each.revision.number), kept);
      assert.deepEqual(bench.activities.steps.slice(5), [...retired, 'close']);
      assert.deepEqual(bench.activities.stacks.names, [...kept, 4].map((each) => `r${each}`).sort());
      assert.deepEqual(Object.keys(bench.activities.router.weights).sort(), bench.activities.stacks.names);
    });
  }
});
