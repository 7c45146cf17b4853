import { sleep } from '@temporalio/workflow';
import type { RefusedStart, RolloutInput, RolloutResult } from '../../src/domain/service/requests.ts';
import { rollout as unchanged } from '../../src/workflows/rollout/rollout.ts';

export { experiment } from '../../src/workflows/experiment/experiment.ts';
export { service } from '../../src/workflows/service/service.ts';
export { teardown } from '../../src/workflows/teardown/teardown.ts';

/** A change that rollouts under way would not survive: a timer before everything else, which nothing waits for. */
export async function rollout(input: RolloutInput): Promise<RolloutResult | RefusedStart> {
  void sleep(1);
  return unchanged(input);
}
