import type { RouterMetric } from '../../domain/evidence/metric-spec.ts';
import type { EvidenceWindow, MetricReading } from '../../domain/evidence/metrics.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { type RequestSeries, estimatePercentile } from '../../domain/traffic/request-series.ts';
import { MetricQueryError, type MetricSubject, MetricsUnavailableError } from './provider.ts';

const WORDS: Readonly<Record<RouterMetric['series'], string>> = {
  'error-rate': 'the error rate',
  requests: 'the number of requests',
  p50: 'p50 of the latency in ms',
  p90: 'p90 of the latency in ms',
  p95: 'p95 of the latency in ms',
  p99: 'p99 of the latency in ms',
};

/** What the router has counted of a revision, as a number. */
export function readRouterSeries(
  { series }: RouterMetric,
  { revision, counted }: MetricSubject,
  window: EvidenceWindow,
): MetricReading {
  const name = formatRevisionName(revision);
  if (counted === undefined) {
    throw new MetricsUnavailableError(`its router has no series of ${name}: it does not list it, or does not count`);
  }
  const value = readSeries(series, counted);
  const source = `${WORDS[series]} of ${name} by its router`;
  return { ...window, source, samples: counted.requests, ...(value === undefined ? {} : { value }) };
}

function readSeries(series: RouterMetric['series'], { requests, errors, latency }: RequestSeries): number | undefined {
  if (series === 'requests') return requests;
  if (series === 'error-rate') return requests === 0 ? undefined : errors / requests;
  if (latency === undefined) {
    throw new MetricQueryError('the router measures no latencies; use error-rate or requests, or another place');
  }
  const estimated = estimatePercentile(latency, Number(series.slice(1)));
  // More digits than that are the interpolation's.
  return estimated === undefined ? undefined : Math.round(estimated * 100) / 100;
}
