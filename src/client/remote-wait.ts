import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@connectrpc/connect';
import { fromRollout } from '../contract/convert/rollout.ts';
import { computeBackoffMs } from '../domain/backoff.ts';
import type { RolloutStatus } from '../domain/rollout/status.ts';
import type { RolloutService } from '../contract/gen/supplant/v1/rollouts_pb.ts';
import { toApiError } from './remote-errors.ts';

/** Pause before a lost watch is taken up again, in milliseconds; doubles up to the longest. */
const SHORTEST_MS = 200;
const LONGEST_MS = 5000;
/** Gateways break a silence of 15 seconds: after three times that, nobody is there any more. */
const SILENCE_MS = 45_000;

/** Waits until a rollout is over, whatever happens to connections and gateways meanwhile. */
export async function waitRemotely(
  rollouts: Client<typeof RolloutService>,
  name: string,
  signal?: AbortSignal,
): Promise<RolloutStatus> {
  let afterSequence = 0n;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    const lost = new AbortController();
    const timer = setTimeout(() => lost.abort(), SILENCE_MS);
    try {
      const watching = { signal: signal ? AbortSignal.any([signal, lost.signal]) : lost.signal };
      for await (const { sequence, update } of rollouts.watchRollout({ name, afterSequence }, watching)) {
        timer.refresh();
        attempt = 0;
        afterSequence = sequence;
        const status = update.case === 'rollout' ? fromRollout(update.value) : undefined;
        if (status?.outcome !== undefined) return status;
      }
    } catch (error) {
      signal?.throwIfAborted();
      const failure = toApiError(error);
      if (failure.reason !== 'UNAVAILABLE') throw failure;
    } finally {
      clearTimeout(timer);
    }
    await sleep(computeBackoffMs(Math.max(1, attempt), SHORTEST_MS, LONGEST_MS), undefined, signal ? { signal } : {});
  }
}
