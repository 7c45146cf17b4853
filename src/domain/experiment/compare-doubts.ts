import type { Comparison, LoadMeasurement } from './measurement.ts';

/**
 * With fewer answers, or requests, of a variant nothing is called a difference. Of 100 errors, one is a percentage point
 * already; and below 100 latencies, it cannot be told how they hang together with those before
 * (`src/domain/statistics/serial.ts`), so that one bad second would decide.
 */
export const LEAST_MEASURED = 100;

/**
 * Where more of a variant's requests than this share were late, its latencies are of another load, and of the machine that
 * probes. With 1 %, quantiles up to the 99th are still those of the service.
 */
export const MOST_LATE = 0.01;

/** Why nothing can be said of a figure, whatever the interval is; in words. */
export function findDoubts(
  figure: Comparison['figure'],
  variant: LoadMeasurement,
  baseline: LoadMeasurement,
): string[] {
  const both = [variant, baseline];
  const measured = (load: LoadMeasurement): number => (figure === 'latency' ? load.samples.length : load.requests);
  const few = both.filter((load) => measured(load) < LEAST_MEASURED);
  const noun = figure === 'latency' ? 'latencies' : 'requests';
  return [
    ...few.map(
      (load) => `of ${load.variant}, ${measured(load)} ${noun} were measured, and ${LEAST_MEASURED} are needed`,
    ),
    ...both
      .filter(({ late, requests }) => late > MOST_LATE * requests)
      .map(({ late, requests, variant: name }) => `${late} of ${requests} requests to ${name} were sent late`),
  ];
}
