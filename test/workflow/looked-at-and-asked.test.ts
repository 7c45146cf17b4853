import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'mocha';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { stopsChangedSignal } from '../../src/workflows/shared/messages.ts';
import { act } from './act.ts';
import type { RolloutHandle } from './bench.ts';
import { findDivergences } from './replays.ts';
import { ServiceBench } from './service-bench.ts';
import { benchForEach } from './suite.ts';

const LOOKING = 6;
const ROLLOUTS = 8;
/** In which the steps after its checks are made. */
const SOON_MS = 30;

describe('a rollout that is looked at all the time, and asked while it makes its steps', () => {
  const bench = benchForEach();

  /** Pauses, goes on, and hears of a stop, at some moments after its checks. */
  async function disturb(handle: RolloutHandle): Promise<void> {
    const soon = () => sleep(Math.random() * SOON_MS);
    await Promise.all([
      ...(['pause', 'resume'] as const).map(async (verb) => {
        await soon();
        await act(bench(), handle, verb).catch(() => undefined);
      }),
      ...[1, 2].map(async () => {
        await soon();
        await handle.signal(stopsChangedSignal);
      }),
    ]);
  }

  it('has a history that any other worker can go on with', async () => {
    const { activities, service, env } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    for (let count = 1; count <= ROLLOUTS; count += 1) {
      const checked = Promise.withResolvers<undefined>();
      activities.on('check', async (effect) => {
        const verdict = await effect();
        checked.resolve(undefined);
        return verdict;
      });
      const receipt = await desk.apply(`next-${count}`, { bakeMs: 100, warm: 0 });
      const handle = desk.rollout(receipt.rollout);
      await checked.promise;
      const over = new AbortController();
      const looks = Array.from({ length: LOOKING }, async () => {
        while (!over.signal.aborted) await handle.query<RolloutStatus>('status').catch(() => undefined);
      });
      await disturb(handle);
      // A pause may have been the last to come.
      await act(bench(), handle, 'resume').catch(() => undefined);
      assert.equal((await desk.over(receipt)).outcome, 'succeeded');
      over.abort();
      await Promise.all(looks);
    }
    assert.deepEqual(await findDivergences(env.client.workflow, service), []);
  });
});
