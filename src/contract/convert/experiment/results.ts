import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  CheckMeasurement,
  Comparison,
  LatencySummary,
  LoadMeasurement,
  Measurement,
} from '../../../domain/experiment/measurement.ts';
import type { RunRef, RunResults } from '../../../domain/experiment/run.ts';
import type {
  CheckFound,
  Comparison as ComparisonMessage,
  ComparisonSchema,
  GetExperimentResultsResponse,
  LatencySummary as LatencyMessage,
  LatencySummarySchema,
  LoadFound,
  LoadFoundSchema,
  Measurement as MeasurementMessage,
  MeasurementSchema,
} from '../../gen/supplant/v1/experiments_pb.ts';
import { results as checkResults } from '../enums.ts';
import { omitUndefined } from '../given.ts';
import { fromRequiredTimestamp, toTimestamp } from '../time.ts';
import { comparisonResults } from './enums.ts';

/** What a run has found out, as far as a message says it beside the run itself. */
export function toResults({ measurements, comparisons, keptUntil }: RunResults) {
  return omitUndefined({
    measurements: measurements.map(toMeasurement),
    comparisons: comparisons.map(toComparison),
    keptUntilTime: toTimestamp(keptUntil),
  });
}

export function fromResults(
  { experiment, run }: RunRef,
  { measurements, comparisons, keptUntilTime }: GetExperimentResultsResponse,
): RunResults {
  return {
    experiment,
    run,
    measurements: measurements.flatMap(fromMeasurement),
    comparisons: comparisons.map(fromComparison),
    keptUntil: fromRequiredTimestamp(keptUntilTime),
  };
}

function toMeasurement(measurement: Measurement): MessageInitShape<typeof MeasurementSchema> {
  const { variant, probe, from, to } = measurement;
  return omitUndefined({
    ...{ variant, probe },
    startTime: toTimestamp(from),
    endTime: toTimestamp(to),
    found: toFound(measurement),
  });
}

function toFound(measurement: Measurement): MessageInitShape<typeof MeasurementSchema>['found'] {
  if (measurement.kind === 'load') return { case: 'load', value: toLoad(measurement) };
  const { verdict, attempts, passed, evidence } = measurement;
  return { case: 'check', value: { result: checkResults.number(verdict), attempts, passed, evidence } };
}

function toLoad({
  requests,
  errors,
  errorKinds,
  late,
  latency,
  samples,
}: LoadMeasurement): MessageInitShape<typeof LoadFoundSchema> {
  return omitUndefined({
    requests: BigInt(requests),
    errors: BigInt(errors),
    errorKinds: errorKinds.map(({ what, count }) => ({ what, count: BigInt(count) })),
    late: BigInt(late),
    latency: latency && toLatency(latency),
    samples,
  });
}

function toLatency({ count, ...figures }: LatencySummary): MessageInitShape<typeof LatencySummarySchema> {
  return { count: BigInt(count), ...figures };
}

/** What a newer gateway has measured is left out. */
function fromMeasurement({ variant, probe, startTime, endTime, found }: MeasurementMessage): Measurement[] {
  const common = { variant, probe, from: fromRequiredTimestamp(startTime), to: fromRequiredTimestamp(endTime) };
  switch (found.case) {
    case 'check':
      return [{ kind: 'check', ...common, ...fromCheckFound(found.value) }];
    case 'load':
      return [{ kind: 'load', ...common, ...fromLoadFound(found.value) }];
    case undefined:
      return [];
  }
}

type Found<Kind> = Omit<Kind, 'kind' | 'variant' | 'probe' | 'from' | 'to'>;

function fromCheckFound({ result, attempts, passed, evidence }: CheckFound): Found<CheckMeasurement> {
  return { verdict: checkResults.word(result) ?? 'inconclusive', attempts, passed, evidence };
}

function fromLoadFound({ requests, errors, errorKinds, late, latency, samples }: LoadFound): Found<LoadMeasurement> {
  return omitUndefined({
    requests: Number(requests),
    errors: Number(errors),
    errorKinds: errorKinds.map(({ what, count }) => ({ what, count: Number(count) })),
    late: Number(late),
    latency: latency && fromLatency(latency),
    samples,
  });
}

function fromLatency({ count, min, mean, p50, p90, p95, p99, p999, max }: LatencyMessage): LatencySummary {
  return { count: Number(count), min, mean, p50, p90, p95, p99, p999, max };
}

function toComparison(comparison: Comparison): MessageInitShape<typeof ComparisonSchema> {
  const { probe, variant, baseline, figure, test, baselineValue, variantValue, difference, confidence } = comparison;
  const { counts, verdict, words } = comparison;
  return {
    ...{ probe, variant, baseline, figure, test, baselineValue, variantValue, ...difference, confidence },
    baselineCount: BigInt(counts.baseline),
    variantCount: BigInt(counts.variant),
    result: comparisonResults.number(verdict),
    words,
  };
}

function fromComparison(message: ComparisonMessage): Comparison {
  const { probe, variant, baseline, figure, test, baselineValue, variantValue, confidence, words } = message;
  const { estimate, low, high, baselineCount, variantCount, result } = message;
  return {
    ...{ probe, variant, baseline, test, baselineValue, variantValue, confidence, words },
    figure: figure === 'errors' ? 'errors' : 'latency',
    difference: { estimate, low, high },
    counts: { baseline: Number(baselineCount), variant: Number(variantCount) },
    verdict: comparisonResults.word(result) ?? 'undecided',
  };
}
