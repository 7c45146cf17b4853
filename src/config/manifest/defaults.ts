import { DEFAULT_TIMING } from '../../domain/evidence/default-checks.ts';
import type { RetentionSpec } from '../../domain/service/service.ts';
import { type BlueGreenSpec, DEFAULT_BAKE_MS } from '../../domain/service/strategy.ts';

export { DEFAULT_CHECKS, DEFAULT_TIMING } from '../../domain/evidence/default-checks.ts';

// What a manifest means where it says nothing. Name, environment, artifact and blueprint have no default.

export const DEFAULT_STRATEGY: BlueGreenSpec = { kind: 'blue-green', bakeMs: DEFAULT_BAKE_MS };

/** One previous revision for an hour: the span in which most bad releases are noticed, at the price of one more stack. */
export const DEFAULT_RETENTION: RetentionSpec = { warm: 1, warmForMs: 3_600_000 };

/** A short deadline alone shortens the default time-out; only two given ones can contradict each other. */
export function chooseTimeout(timeout: number | undefined, deadline: number): number {
  return timeout ?? Math.min(DEFAULT_TIMING.timeoutMs, deadline);
}
