import type { LoadMeasurement } from '../domain/experiment/measurement.ts';
import type { RunResults } from '../domain/experiment/run.ts';

/** The loads of one probe, a variant's each. */
export interface LoadsOfProbe {
  probe: string;
  loads: LoadMeasurement[];
}

/** In the order in which they were measured. */
export function groupLoads({ measurements }: Pick<RunResults, 'measurements'>): LoadsOfProbe[] {
  const loads = measurements.filter((measurement) => measurement.kind === 'load');
  return [...Map.groupBy(loads, ({ probe }) => probe)].map(([probe, of]) => ({ probe, loads: of }));
}

/** Numbers of milliseconds on a logarithmic scale. */
export interface Scale {
  /** Where a value is, from 0 to 1; what is outside is at the end. */
  place(ms: number): number;
  /** Values to write on it, such as 1, 2, 5, 10; the least first. */
  ticks: number[];
}

/** 0.0001, 0.0002, 0.0005, 0.001, … up to some weeks. */
const WRITTEN = Array.from({ length: 14 }, (_, decade) =>
  [1, 2, 5].map((step) => Number(`${step}e${decade - 4}`)),
).flat();

/** A scale on which all of the values are, from one written value to another; undefined where there are none. */
export function makeScale(values: readonly number[]): Scale | undefined {
  if (values.length === 0) return undefined;
  // Not spread into arguments, of which there can be too many.
  const [least, most] = [
    values.reduce((one, other) => Math.min(one, other)),
    values.reduce((one, other) => Math.max(one, other)),
  ];
  const begin = Math.max(
    0,
    WRITTEN.findLastIndex((value) => value <= least),
  );
  const end = WRITTEN.findIndex((value, place) => value >= most && place > begin);
  const ticks = WRITTEN.slice(begin, end === -1 ? undefined : end + 1);
  const [from, to] = [ticks[0] ?? 1, ticks.at(-1) ?? 10].map(Math.log) as [number, number];
  return { place: (ms) => Math.min(1, Math.max(0, (Math.log(ms) - from) / (to - from))), ticks };
}

/** As many of the ticks as have room, evenly. */
export function thinTicks(ticks: readonly number[], most: number): number[] {
  const step = Math.max(1, Math.ceil(ticks.length / Math.max(1, most)));
  return ticks.filter((_, place) => place % step === 0);
}
