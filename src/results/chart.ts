import type { RunResults } from '../domain/experiment/run.ts';

/** Latencies as lines of text, at most `width` cells each. */
export function drawLatencyChart(_results: RunResults, _width: number): string[] {
  return [];
}
