import type { Finding } from '../findings.ts';
import type { Overrun } from './overruns.ts';

/** What a storm has come to. */
export interface StormFigures {
  experiments: number;
  /** How often each: runs by their outcome, what struck by its kind. */
  runs: Record<string, number>;
  strikes: Record<string, number>;
  leftOver: number;
  /** Stacks that were begun to be made, and how late the last of them went. */
  stacks: number;
  overrunMs: number;
  /** The latest few. */
  latest: Overrun[];
  requests: number;
  minutes: number;
  findings: Finding[];
}

/** One line, for people. */
export function describeStorm(figures: StormFigures): string {
  const { experiments, runs, strikes, leftOver, stacks, overrunMs, requests, minutes } = figures;
  const list = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `${count} ${name}`)
      .join(', ');
  return (
    `${experiments} experiments; runs: ${list(runs)}; ${stacks} stacks; struck: ${list(strikes)}; ` +
    `left over: ${leftOver}; the latest stack went ${(overrunMs / 1_000).toFixed(1)} s after its lease; ` +
    `${requests} requests to the live service; ${minutes.toFixed(1)} min`
  );
}
