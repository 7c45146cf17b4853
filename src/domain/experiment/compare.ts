import { estimateShareDifference } from '../statistics/proportions.ts';
import { estimateShift, type Interval } from '../statistics/shift.ts';
import type { CompareSpec } from './experiment.ts';
import { findDoubts } from './compare-doubts.ts';
import { describeComparison } from './compare-words.ts';
import type { Comparison, LoadMeasurement, Measurement } from './measurement.ts';

/**
 * An error share that differs by less is not called another one, whatever the tolerance: 0.1 percentage points. The tolerance
 * is a part of the baseline's share, which is nothing where that has no errors.
 */
const LEAST_SHARE = 0.001;

/** What is found of one figure, before it is put into words. */
interface Finding {
  figure: Comparison['figure'];
  test: string;
  baselineValue: number;
  variantValue: number;
  difference: Interval;
  counts: Comparison['counts'];
  /** A smaller difference is not called one. */
  least: number;
}

/**
 * Holds every variant against the baseline, by every figure of the probes that were chosen. Figures are compared one by one:
 * of twenty that differ in nothing, one is still told to with a confidence of 95 %. What was not measured of both is left
 * out; of the same variant and probe, what was measured last counts.
 */
export function compareVariants(spec: CompareSpec, measurements: readonly Measurement[]): Comparison[] {
  const loads = measurements.filter((measurement) => measurement.kind === 'load');
  const probes = [...new Set(loads.map(({ probe }) => probe))];
  return probes
    .filter((probe) => spec.probes?.includes(probe) ?? true)
    .flatMap((probe) => {
      const byVariant = new Map(loads.filter((load) => load.probe === probe).map((load) => [load.variant, load]));
      const baseline = byVariant.get(spec.baseline);
      if (!baseline) return [];
      const others = [...byVariant.values()].filter(({ variant }) => variant !== spec.baseline);
      return others.flatMap((variant) =>
        [findLatency(spec, variant, baseline), findErrors(spec, variant, baseline)].map((finding) =>
          judge(spec, finding, variant, baseline),
        ),
      );
    });
}

function findLatency(spec: CompareSpec, variant: LoadMeasurement, baseline: LoadMeasurement): Finding {
  const baselineValue = baseline.latency?.p50 ?? 0;
  const counts = { baseline: baseline.samples.length, variant: variant.samples.length };
  const canCompare = counts.baseline > 0 && counts.variant > 0;
  return {
    figure: 'latency',
    test: 'Mann–Whitney, Hodges–Lehmann interval',
    baselineValue,
    variantValue: variant.latency?.p50 ?? 0,
    difference: canCompare
      ? estimateShift(variant.samples, baseline.samples, spec.confidence)
      : { estimate: 0, low: 0, high: 0 },
    counts,
    least: spec.tolerance * baselineValue,
  };
}

function findErrors(spec: CompareSpec, variant: LoadMeasurement, baseline: LoadMeasurement): Finding {
  const [ours, theirs] = [variant, baseline].map(({ errors, requests }) => ({ count: errors, of: requests })) as [
    { count: number; of: number },
    { count: number; of: number },
  ];
  const baselineValue = share(theirs);
  return {
    figure: 'errors',
    test: 'Newcombe’s hybrid score interval',
    baselineValue,
    variantValue: share(ours),
    difference: estimateShareDifference(ours, theirs, spec.confidence),
    counts: { baseline: theirs.of, variant: ours.of },
    least: Math.max(LEAST_SHARE, spec.tolerance * baselineValue),
  };
}

/** Without doubts, an interval that is clear of 0, and an estimate that is worth it. */
function judge(
  { baseline: name, confidence }: CompareSpec,
  { least, ...finding }: Finding,
  variant: LoadMeasurement,
  baseline: LoadMeasurement,
): Comparison {
  const { low, high, estimate } = finding.difference;
  const doubts = findDoubts(finding.figure, variant, baseline);
  const isSure = doubts.length === 0 && (low > 0 || high < 0) && Math.abs(estimate) >= least;
  const comparison = {
    probe: variant.probe,
    variant: variant.variant,
    baseline: name,
    ...finding,
    confidence,
    verdict: isSure ? (low > 0 ? 'higher' : 'lower') : 'undecided',
  } satisfies Omit<Comparison, 'words'>;
  return { ...comparison, words: describeComparison(comparison, { doubts, least }) };
}

function share({ count, of }: { count: number; of: number }): number {
  return of === 0 ? 0 : count / of;
}
