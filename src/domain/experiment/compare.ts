import type { CompareSpec } from './experiment.ts';
import type { Comparison, Measurement } from './measurement.ts';

/** Holds every variant against the baseline, by every figure of the probes that were chosen. */
export function compareVariants(_spec: CompareSpec, _measurements: readonly Measurement[]): Comparison[] {
  throw new Error('not built yet');
}
