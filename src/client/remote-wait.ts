import type { Client } from '@connectrpc/connect';
import { fromRollout } from '../contract/convert/rollout.ts';
import type { RolloutService } from '../contract/gen/supplant/v1/rollouts_pb.ts';
import { ApiError } from '../contract/supplant-client.ts';
import type { RolloutStatus } from '../domain/rollout/status.ts';
import { watchRemotely } from './remote-watch.ts';

/** Waits until a rollout is over, whatever happens to connections and gateways meanwhile. */
export async function waitRemotely(
  rollouts: Client<typeof RolloutService>,
  name: string,
  signal?: AbortSignal,
): Promise<RolloutStatus> {
  let afterSequence = 0n;
  let status: RolloutStatus | undefined;
  const watch = (lost: AbortSignal) => rollouts.watchRollout({ name, afterSequence }, { signal: lost });
  const isLast = (): boolean => status?.outcome !== undefined;
  for await (const { sequence, update } of watchRemotely(watch, isLast, signal)) {
    afterSequence = sequence;
    if (update.case === 'rollout') status = fromRollout(update.value);
  }
  if (status?.outcome !== undefined) return status;
  throw new ApiError('INTERNAL', `the gateway said nothing of how ${name} ended`);
}
