import { type Line, line, pad, type Span, span, type Tone, width } from './text.ts';

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** Columns with a higher one are left out first where the width does not suffice; 0 always stays. */
  rank?: number;
}

export type Cell = string | { text: string; tone: Tone };

const GAP = 2;

/** Rows under titles, without boxes. What does not fit is dropped by rank, then cut at the end. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], cells: number): Line[] {
  if (rows.length === 0) return [];
  const widths = columns.map(({ title }, index) =>
    Math.max(width(title), ...rows.map((row) => width(textOf(row[index] ?? '')))),
  );
  const shown = fit(columns, widths, cells);
  // Blanks at the end of a line would be cut off with a mark.
  const cellsOf = (index: number): number =>
    index === shown.at(-1) && columns[index]?.align !== 'right' ? 0 : (widths[index] ?? 0);
  const draw = (row: readonly Cell[], tone?: Tone): Line =>
    line(...shown.flatMap((index, place) => drawCell(row[index] ?? '', columns[index], cellsOf(index), place, tone)));
  return [
    draw(
      columns.map(({ title }) => title),
      'faint',
    ),
    ...rows.map((row) => draw(row)),
  ];
}

/** Indexes of the columns that stay. The last one may be cut to its title's width before another is dropped. */
function fit(columns: readonly Column[], widths: readonly number[], cells: number): number[] {
  let shown = columns.map((_, index) => index);
  const needed = (): number =>
    shown.reduce(
      (sum, index, place) =>
        sum + (place === shown.length - 1 ? Math.min(widths[index] ?? 0, 12) : (widths[index] ?? 0) + GAP),
      0,
    );
  while (needed() > cells) {
    const worst = shown.toSorted((one, other) => rank(columns[other]) - rank(columns[one]))[0];
    if (worst === undefined || rank(columns[worst]) === 0) break;
    shown = shown.filter((index) => index !== worst);
  }
  return shown;
}

function drawCell(
  cell: Cell,
  column: Column | undefined,
  cells: number,
  place: number,
  tone: Tone | undefined,
): Span[] {
  const gap = place === 0 ? '' : ' '.repeat(GAP);
  const text = pad(textOf(cell), cells, column?.align === 'right' ? 'left' : 'right');
  return [span(gap), span(text, tone ?? (typeof cell === 'string' ? 'plain' : cell.tone))];
}

function rank(column: Column | undefined): number {
  return column?.rank ?? 0;
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
