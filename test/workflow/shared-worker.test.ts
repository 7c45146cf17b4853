import assert from 'node:assert/strict';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { after, before, describe, it } from 'mocha';
import { RecordingActivities } from '../doubles/recording-activities.ts';
import { Bench } from './bench.ts';
import { Lane } from './lane.ts';
import { input, spec } from './samples.ts';
import { startServer } from './server.ts';

describe('workflows that share a worker, and their modules with it', () => {
  let env: TestWorkflowEnvironment;
  let first: RecordingActivities;
  let lane: Lane;

  before(async () => {
    env = await startServer();
    first = await RecordingActivities.create();
    lane = await Lane.open(env, first);
  });
  after(async () => {
    await lane.stop();
    await first.close();
    await env.teardown();
  });

  it('do not wait for what another one makes in place', async () => {
    const [one, other] = [await Bench.openIn(lane), await Bench.openIn(lane)];
    const hold = one.activities.hold('open');
    const held = await one.start(input(spec(one.service), { to: 1 }));
    await hold.reached;
    const free = await other.start(input(spec(other.service), { to: 1 }));
    await other.visible(async () => other.activities.called('open') > 0);
    assert.equal(one.activities.called('open'), 1, 'it was begun before that of the other one was over');
    hold.release();
    for (const handle of [held, free]) assert.equal((await handle.result()).status.outcome, 'succeeded');
    await Promise.all([one.end(), other.end()]);
  });
});
