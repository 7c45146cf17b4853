import type { PairCounts } from '../src/domain/evidence/judge/series.ts';
import { Split } from '../src/domain/traffic/split.ts';
import type { LatencyHistogram } from '../src/domain/traffic/request-series.ts';

/** Traffic that two revisions share. */
export interface Traffic {
  /** The new one's, in percent. */
  weight: number;
  /** Requests to both. */
  perSecond: number;
  /** Of the requests to the one that is live. */
  errorShare: number;
  /** How many times as many errors the new one has, or how many times as long it takes. */
  ratio: number;
}

const CANDIDATE = 2;
const BASELINE = 1;

/** Counts of so many seconds, as the router splits requests: exactly. Each is an error by chance. */
export function drawErrors(traffic: Traffic, seconds: number, draw: () => number): PairCounts {
  const { perSecond, errorShare, ratio } = traffic;
  const order = splitEvenly(traffic.weight);
  const requests = perSecond * seconds;
  const offset = Math.floor(draw() * order.length);
  const counts = { candidate: { requests: 0, errors: 0 }, baseline: { requests: 0, errors: 0 } };
  for (let request = 0; request < requests; request += 1) {
    const isOurs = order[(offset + request) % order.length] === CANDIDATE;
    const count = isOurs ? counts.candidate : counts.baseline;
    count.requests += 1;
    if (draw() < (isOurs ? errorShare * ratio : errorShare)) count.errors += 1;
  }
  return counts;
}

/** Rising by a quarter each, from 1 ms to half a minute. */
const BOUNDS_MS = Array.from({ length: 47 }, (_, place) => 1.25 ** place);

/** Log-normal latencies of some 20 ms, whose middle wanders from look to look: what comes together is slow together. */
export function drawLatencies(
  traffic: Traffic,
  seconds: number,
  { draw, mood }: { draw: () => number; mood: number },
): { counts: PairCounts; mood: number } {
  const moved = 0.8 * mood + 0.1 * drawNormal(draw);
  const latencies = { candidate: noLatencies(), baseline: noLatencies() };
  const order = splitEvenly(traffic.weight);
  for (let request = 0; request < traffic.perSecond * seconds; request += 1) {
    const isOurs = order[request % order.length] === CANDIDATE;
    const ms = 20 * Math.exp(moved + 0.5 * drawNormal(draw)) * (isOurs ? traffic.ratio : 1);
    const { counts } = isOurs ? latencies.candidate : latencies.baseline;
    const bucket = BOUNDS_MS.findIndex((bound) => ms <= bound);
    const place = bucket === -1 ? BOUNDS_MS.length : bucket;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  const series = (latency: LatencyHistogram) => ({
    requests: latency.counts.reduce((sum, count) => sum + count, 0),
    errors: 0,
    latency,
  });
  return { counts: { candidate: series(latencies.candidate), baseline: series(latencies.baseline) }, mood: moved };
}

function noLatencies(): LatencyHistogram {
  return { boundsMs: BOUNDS_MS, counts: new Array<number>(BOUNDS_MS.length + 1).fill(0) };
}

/** Box and Muller's. */
function drawNormal(draw: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

const orders = new Map<number, number[]>();

/** Who gets each of a hundred requests. */
function splitEvenly(weight: number): number[] {
  const known = orders.get(weight);
  if (known) return known;
  const split = new Split([
    { revision: BASELINE, weight: 100 - weight },
    { revision: CANDIDATE, weight },
  ]);
  const order = Array.from({ length: 100 }, () => split.next() ?? BASELINE);
  orders.set(weight, order);
  return order;
}
