/** The finest that is measured is a microsecond; of shares, 0.001 %. */
const MOST_DECIMALS = 3;

/** Numbers that belong together, as people read them: two significant figures of each, and of how far apart they are. */
export function formatFigures(values: readonly number[]): string[] {
  const apart = countDecimals(Math.max(...values) - Math.min(...values), 2);
  return values.map((value) => dropMinus(value.toFixed(Math.max(apart, countDecimals(value, 2)))));
}

/** A number as people read it: three significant figures, `12.3`. */
export function formatFigure(value: number): string {
  return dropMinus(value.toFixed(countDecimals(value, 3)));
}

/** A share in percent: `0.950` is `95.0`. */
export function formatPercentage(share: number): string {
  return formatFigure(share * 100);
}

function countDecimals(value: number, figures: number): number {
  if (value === 0) return 0;
  return Math.min(MOST_DECIMALS, Math.max(0, figures - 1 - Math.floor(Math.log10(Math.abs(value)))));
}

/** `-0.0` is nothing. */
function dropMinus(text: string): string {
  return /^-0(\.0+)?$/.test(text) ? text.slice(1) : text;
}
