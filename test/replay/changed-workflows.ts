import { sleep } from '@temporalio/workflow';
import type { RolloutInput, RolloutResult } from '../../src/domain/requests.ts';
import { rollout as unchanged } from '../../src/workflows/rollout.ts';

export { service } from '../../src/workflows/service.ts';
export { teardown } from '../../src/workflows/teardown.ts';

/** A change that rollouts under way would not survive: a timer before everything else, which nothing waits for. */
export async function rollout(input: RolloutInput): Promise<RolloutResult> {
  void sleep(1);
  return unchanged(input);
}
