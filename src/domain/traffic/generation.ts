/**
 * Generations are `rollout × this + write`, so they rise over a service's life and a repeated write has the same one. The
 * lower half is the rollout's own; the upper half is its service's, for what happens between it and the next rollout.
 */
const WRITES_PER_ROLLOUT = 1000;
const HALF = WRITES_PER_ROLLOUT / 2;

/**
 * The generation of a rollout's nth route write, from 1 on.
 *
 * @throws RangeError where it would be one of its service's
 */
export function computeRolloutGeneration(rollout: number, write: number): number {
  return rollout * WRITES_PER_ROLLOUT + within(write, 1);
}

/**
 * The generation of a service's nth route write after a rollout, from 0 on.
 *
 * @throws RangeError where it would be one of the next rollout's
 */
export function computeServiceGeneration(rollout: number, write: number): number {
  return rollout * WRITES_PER_ROLLOUT + HALF + within(write, 0);
}

/** Which of its rollout's writes a generation is; undefined for another rollout's, and for its service's. */
export function readRolloutWrite(rollout: number, generation: number): number | undefined {
  const write = generation - rollout * WRITES_PER_ROLLOUT;
  return write > 0 && write < HALF ? write : undefined;
}

/** Route writes that a service may make between two rollouts. */
export const MOST_SERVICE_WRITES = HALF - 1;

function within(write: number, least: number): number {
  if (Number.isInteger(write) && write >= least && write < HALF) return write;
  throw new RangeError(`route write ${write} of a rollout; there are generations for ${least} to ${HALF - 1}`);
}
