import type { PairCounts } from './series.ts';

/** What was counted in a part of a bake, as it is recorded: small, since there may be many of them. */
export interface CountedWindow {
  /** Its end, ISO 8601. */
  to: string;
  /** Requests and errors. */
  candidate: [requests: number, errors: number];
  baseline?: [requests: number, errors: number];
}

/** They are kept with each beat of a bake. With as many, a day's are a quarter of an hour to half of one each. */
const MOST_WINDOWS = 60;

/** One more window. Where there are too many, each two become one: a long bake is recorded as finely as a short one. */
export function addWindow(windows: readonly CountedWindow[], since: PairCounts, to: string): CountedWindow[] {
  const { candidate, baseline } = since;
  const latest: CountedWindow = {
    to,
    candidate: [candidate.requests, candidate.errors],
    ...(baseline ? { baseline: [baseline.requests, baseline.errors] } : {}),
  };
  const all = [...windows, latest];
  if (all.length <= MOST_WINDOWS) return all;
  return all.flatMap((window, index) => {
    if (index % 2 === 1) return [];
    const next = all[index + 1];
    return [next ? joinWindows(window, next) : window];
  });
}

export function readWindow({ candidate, baseline }: CountedWindow): PairCounts {
  const counts = ([requests, errors]: [number, number]) => ({ requests, errors });
  return { candidate: counts(candidate), ...(baseline ? { baseline: counts(baseline) } : {}) };
}

function joinWindows(one: CountedWindow, other: CountedWindow): CountedWindow {
  const baseline = addCounts(one.baseline ?? [0, 0], other.baseline ?? [0, 0]);
  return {
    to: other.to,
    candidate: addCounts(one.candidate, other.candidate),
    ...((one.baseline ?? other.baseline) ? { baseline } : {}),
  };
}

function addCounts(one: [number, number], other: [number, number]): [number, number] {
  return [one[0] + other[0], one[1] + other[1]];
}
