import { formatFigure, formatFigures, formatPercentage } from './figures.ts';
import type { Comparison } from './measurement.ts';

/** `load: latency of candidate is 4.1 ms (3.2 to 5.0) higher than baseline's 12.3 ms (95 % sure)`. */
export function describeComparison(
  comparison: Omit<Comparison, 'words'>,
  { doubts, least }: { doubts: readonly string[]; least: number },
): string {
  const { probe, variant, baseline, figure, verdict, difference, baselineValue, confidence } = comparison;
  const unit = UNITS[figure];
  const about = `${probe}: ${figure} of ${variant}`;
  const theirs = `${baseline}'s ${unit.whole(baselineValue)}`;
  if (doubts.length > 0) return `${about} cannot be held against ${baseline}'s: ${doubts.join('; ')}`;
  const sure = `(${formatPercent(confidence)} % sure)`;
  const { estimate, low, high } = difference;
  if (verdict !== 'undecided') {
    const [near, far] = verdict === 'higher' ? [low, high] : [-high, -low];
    const [size, from, to] = unit.figures([Math.abs(estimate), near, far]);
    return `${about} ${unit.are} ${size} ${unit.name} (${from} to ${to}) ${verdict} than ${theirs} ${sure}`;
  }
  const [size, from, to] = unit.figures([estimate, low, high]);
  // The interval is clear of 0.
  if (low > 0 || high < 0) {
    const [bound] = unit.figures([least]);
    const away = `${size} ${unit.name} (${from} to ${to}) from ${theirs}`;
    return `${about} ${unit.are} ${away}, less than the ${bound} ${unit.name} that would count ${sure}`;
  }
  return `${about} ${unit.are} not told from ${theirs}: the difference is between ${from} and ${to} ${unit.name} ${sure}`;
}

interface Unit {
  name: string;
  are: 'is' | 'are';
  /** Values as people read them, all with the decimals that they need to be told apart. */
  figures(values: readonly number[]): string[];
  /** A value with its unit. */
  whole(value: number): string;
}

const UNITS: Record<Comparison['figure'], Unit> = {
  latency: { name: 'ms', are: 'is', figures: formatFigures, whole: (ms) => `${formatFigure(ms)} ms` },
  errors: {
    name: 'percentage points',
    are: 'are',
    figures: (shares) => formatFigures(shares.map((share) => share * 100)),
    whole: (share) => `${formatPercentage(share)} %`,
  },
};

/** `95`, `99.9`. */
function formatPercent(share: number): string {
  return String(Number((share * 100).toFixed(3)));
}
