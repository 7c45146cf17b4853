import fc from 'fast-check';
import type { AnalysisSpec } from '../../src/domain/evidence/judge/analysis-spec.ts';
import type { StrategySpec } from '../../src/domain/service/strategy.ts';

/** How long traffic stays as it is in a step before all traffic, in milliseconds: the least that a manifest may say. */
const STEP_MS = 1_000;
/** Users send forty requests a second: a step of 10 % has to have some. */
const JUDGED_MS = 1_500;

/** How traffic moves to a revision; the last one has the shape of the preset `canary10-5m`. */
export const STRATEGY_NAMES = ['blue-green', 'canary', 'linear', 'exponential', 'canary10'] as const;
export type StrategyName = (typeof STRATEGY_NAMES)[number];

/** Whether an analysis judges it, too; one that is a dry run has no say. */
export const JUDGES = ['analysis', 'dry-run'] as const;
export type Judge = (typeof JUDGES)[number];

/** How traffic moves to a revision, and what judges that. */
export interface Ramp {
  strategy: StrategyName;
  judge?: Judge;
  /** It is compared with a fresh copy of the live revision, rather than with that. */
  isFresh?: true;
  /** It answers at a preview address before it has traffic. */
  isPreviewed?: true;
}

const ramp: fc.Arbitrary<Ramp> = fc.record(
  {
    strategy: fc.constantFrom(...STRATEGY_NAMES),
    judge: fc.constantFrom(...JUDGES),
  },
  { requiredKeys: ['strategy'] },
);

/** So that a seed still makes the same wishes and faults as before there were ramps, they are drawn apart. */
export function drawRamps(seed: number, count: number): Ramp[] {
  const fresh = drawHalf(-1_000_000_007 - seed, count);
  const previewed = drawHalf(-2_000_000_011 - seed, count);
  return fc.sample(ramp, { seed: -1 - seed, numRuns: count }).map((drawn, index) => {
    if (drawn.strategy === 'blue-green') return previewed[index] ? { ...drawn, isPreviewed: true } : drawn;
    const isCompared = drawn.judge !== undefined;
    return isCompared && fresh[index] ? { ...drawn, isFresh: true } : drawn;
  });
}

/** Half of what is compared is so with a fresh baseline, and half of blue-green has a preview address. Each is drawn apart, for the same reason. */
function drawHalf(seed: number, count: number): boolean[] {
  return fc.sample(fc.boolean(), { seed, numRuns: count });
}

/** What splits a run's traffic: HAProxy in one of four, where it is installed. */
export function drawRouter(seed: number): 'embedded' | 'haproxy' {
  const kinds = fc.constantFrom('embedded', 'embedded', 'embedded', 'haproxy');
  return fc.sample(kinds, { seed: -1 - seed, numRuns: 1 })[0]!;
}

/** With so few requests most figures stay undecided, which is forgiven. */
const ALONE: AnalysisSpec = {
  errorsAtMost: 0.5,
  leastRequests: 10,
  budgets: { bad: 0, unmeasured: 100, undecided: 3 },
};

const COMPARED: AnalysisSpec = { ...ALONE, compare: { errors: { alpha: 0.05 } } };

const BESIDE_FRESH: AnalysisSpec = { ...ALONE, compare: { errors: { alpha: 0.05 }, baseline: 'fresh' } };

/** @param bakeMs how long the revision bakes with all traffic */
export function describeStrategy({ strategy, judge, isFresh, isPreviewed }: Ramp, bakeMs: number): StrategySpec {
  const stepMs = judge ? JUDGED_MS : STEP_MS;
  // With all traffic at once there is nothing to compare with.
  const spec = strategy === 'blue-green' ? ALONE : isFresh ? BESIDE_FRESH : COMPARED;
  const analysis = judge ? { analysis: judge === 'dry-run' ? { ...spec, dryRun: true } : spec } : {};
  const terms = { bakeMs: Math.max(bakeMs, judge ? JUDGED_MS : 0), ...analysis };
  switch (strategy) {
    case 'blue-green':
      return { kind: 'blue-green', ...terms, ...(isPreviewed ? { preview: {} } : {}) };
    case 'canary': {
      const steps = [10, 50].map((weight) => ({ weight, bakeMs: stepMs }));
      return { kind: 'canary', steps, ...terms };
    }
    case 'canary10':
      return { kind: 'canary', steps: [{ weight: 10, bakeMs: stepMs }], ...terms };
    case 'linear':
      return { kind: 'linear', step: 34, everyMs: stepMs, ...terms };
    case 'exponential':
      return { kind: 'exponential', growth: 30, everyMs: stepMs, ...terms };
  }
}
