/** What a bench found, compared with what it should be. */
export interface BenchResult {
  name: string;
  /** The figure that counts. */
  value: number;
  /** The most `value` may be. */
  target: number;
  ok: boolean;
  /** Further figures, for people. */
  [more: string]: number | string | boolean;
}

/** One line of JSON, the last one a bench prints; figures to three decimals. */
export function printResult(result: BenchResult): void {
  console.log(JSON.stringify(result, (_key, value: unknown) => (typeof value === 'number' ? rounded(value) : value)));
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/**
 * The smallest value that `percent` of all values do not exceed (nearest rank).
 * @throws RangeError when there are no values
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const found = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (found === undefined) throw new RangeError('no values to take a percentile of');
  return found;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
