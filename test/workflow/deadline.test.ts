import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { act } from './act.ts';
import { input, spec } from './samples.ts';
import { benchForEach } from './suite.ts';

const DEADLINE = { progressDeadlineMs: 300 };
const STEPS = [
  { weight: 10, bakeMs: 20 },
  { weight: 100, bakeMs: 20 },
];

describe('a rollout with a progress deadline', () => {
  const bench = benchForEach();
  const start = (options = {}) =>
    bench().start(input(spec(bench().service, { ...DEADLINE, ...options }), { to: 2, live: 1, plan: STEPS }));

  it('is as any other where every phase is in time', async () => {
    assert.equal((await (await start()).result()).status.outcome, 'succeeded');
  });

  it('is put back where its stack is not there in time, and calls the engine off', async () => {
    const { activities } = bench();
    activities.hold('provision', { heedsCancellation: true });
    const { status } = await (await start()).result();
    assert.equal(status.outcome, 'failed');
    assert.equal(status.because, 'provision was not over within the progress deadline of 300ms');
    assert.deepEqual(activities.stacks.names, ['r1']);
  });

  it('counts what a phase is planned to take before it counts the deadline', async () => {
    const { activities } = bench();
    activities.hold('check', { heedsCancellation: true });
    const { status } = await (await start()).result();
    assert.equal(status.outcome, 'failed');
    assert.equal(
      status.because,
      'validate was not over within the 1s that it is planned to take, and the progress deadline of 300ms',
    );
  });

  it('is aborted by a person all the same, and then says so', async () => {
    const { activities } = bench();
    const hold = activities.hold('provision', { heedsCancellation: true });
    const handle = await start({ progressDeadlineMs: 60_000 });
    await hold.reached;
    await act(bench(), handle, 'abort');
    const { status } = await handle.result();
    assert.deepEqual([status.outcome, status.because], ['aborted', 'aborted by bob']);
  });
});
