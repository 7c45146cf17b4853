import { createGenerator } from './generator.ts';

const SEED = 1;

/**
 * The `rank`-th smallest (from 1 on) of all differences between a value of `x` and one of `y`, exactly, without making all
 * of them: sorted, they are rows that rise, of which each look at one of them by chance leaves out a part at the beginning or
 * at the end. As quickselect, it takes some 2 ln(m n) looks, of m + n steps each. What is drawn is the same each time.
 *
 * @param x sorted upwards, as `y` is; neither is empty
 */
export function selectDifference(x: readonly number[], y: readonly number[], rank: number): number {
  const draw = createGenerator(SEED);
  // Subtracted from one value, the largest comes first.
  const columns = y.toReversed();
  /** Of each row, where what is left of it begins and ends. */
  const from = new Int32Array(x.length);
  const to = new Int32Array(x.length).fill(y.length);
  for (;;) {
    const pivot = choosePivot(x, columns, from, to, draw());
    const below = countInRows(x, columns, (difference) => difference < pivot);
    const upTo = countInRows(x, columns, (difference) => difference <= pivot);
    if (rank <= total(below)) below.forEach((count, row) => (to[row] = Math.min(to[row] ?? 0, count)));
    else if (rank > total(upTo)) upTo.forEach((count, row) => (from[row] = Math.max(from[row] ?? 0, count)));
    else return pivot;
  }
}

/** How many differences of each row are so: those at its beginning, and in no row more than in the one before. */
function countInRows(
  x: readonly number[],
  columns: readonly number[],
  is: (difference: number) => boolean,
): Int32Array {
  const counts = new Int32Array(x.length);
  let count = columns.length;
  for (const [row, value] of x.entries()) {
    while (count > 0 && !is(value - (columns[count - 1] ?? 0))) count -= 1;
    counts[row] = count;
  }
  return counts;
}

/** One of those that are left. @param chance from 0 up to 1 */
function choosePivot(
  x: readonly number[],
  columns: readonly number[],
  from: Int32Array,
  to: Int32Array,
  chance: number,
): number {
  const left = from.map((begin, row) => Math.max(0, (to[row] ?? 0) - begin));
  let place = Math.floor(chance * total(left));
  let row = 0;
  for (; place >= (left[row] ?? Infinity); row += 1) place -= left[row] ?? 0;
  return (x[row] ?? NaN) - (columns[(from[row] ?? 0) + place] ?? NaN);
}

function total(counts: Int32Array): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}
