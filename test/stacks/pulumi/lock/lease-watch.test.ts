import assert from 'node:assert/strict';
import { waitUntil } from '../../../../src/host/polling.ts';
import { LeaseWatch, type WatchedLease } from '../../../../src/stacks/pulumi/lock/lease-watch.ts';

describe('a lease that is watched', () => {
  let now: number;
  let answer: boolean | Error;
  let asked: number;
  let steps: string[];
  let watch: LeaseWatch;

  const begin = (more: Partial<WatchedLease> = {}): void => {
    [now, answer, asked, steps] = [100_000, true, 0, []];
    const renew = async (): Promise<boolean> => {
      asked += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const lease = { leaseMs: 12_000, provenAt: now, renew, onStep: (step: string) => steps.push(step), ...more };
    watch = new LeaseWatch(lease, () => now);
  };
  afterEach(() => watch[Symbol.dispose]());

  it('is renewed, and counts from then on', async () => {
    begin();
    now = 103_000;
    assert.ok(await waitUntil(5_000, () => watch.provenAt === 103_000));
    now = 110_000;
    assert.ok(await waitUntil(5_000, () => watch.provenAt === 110_000 || steps.length > 0));
    assert.deepEqual(steps, ['stop']);
    assert.equal(watch.isSound, false);
  });

  it('is told to be over in two steps while nobody answers, and in one after a long pause', async () => {
    begin();
    answer = new Error('nobody answers');
    now = 106_000;
    assert.ok(await waitUntil(5_000, () => steps.length === 1));
    now = 109_000;
    assert.ok(await waitUntil(5_000, () => steps.length === 2));
    assert.deepEqual(steps, ['stop', 'kill']);
    watch[Symbol.dispose]();
    begin();
    now = 160_000;
    assert.ok(await waitUntil(5_000, () => steps.length === 1));
    assert.deepEqual([steps, asked], [['kill'], 0]);
  });

  it('is told to be over at once where the claim is somebody else’s', async () => {
    begin();
    answer = false;
    now = 103_000;
    assert.ok(await waitUntil(5_000, () => steps.length === 1));
    assert.deepEqual([steps, asked], [['kill'], 1]);
  });

  it('counts after a pause where another process has kept it, and not where none has', async () => {
    begin({ isShared: true });
    now = 160_000;
    assert.ok(await waitUntil(5_000, () => watch.provenAt === 160_000));
    assert.deepEqual([steps, watch.isSound], [[], true]);
    for (const no of [false, new Error('nobody answers')]) {
      watch[Symbol.dispose]();
      begin({ isShared: true });
      answer = no;
      now = 160_000;
      assert.ok(await waitUntil(5_000, () => steps.length === 1));
      assert.deepEqual(steps, ['kill']);
    }
  });
});
