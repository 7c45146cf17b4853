import { PHASES } from '../../domain/rollout/rollout.ts';
import type { RolloutStatus } from '../../domain/rollout/status.ts';

/** Where a running rollout is: `4 of 7: shift`; with `frozen` or `paused` where it is. */
export function position(rollout: RolloutStatus): string {
  const place = `${PHASES.indexOf(rollout.phase) + 1} of ${PHASES.length}: ${rollout.phase}`;
  if (rollout.frozen) return `${place}, frozen`;
  return rollout.paused ? `${place}, paused` : place;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
