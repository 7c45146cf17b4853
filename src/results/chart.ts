import { formatFigure } from '../domain/experiment/figures.ts';
import type { LatencySummary, LoadMeasurement } from '../domain/experiment/measurement.ts';
import type { RunResults } from '../domain/experiment/run.ts';
import { groupLoads, type LoadsOfProbe, makeScale, type Scale, thinTicks } from './loads.ts';

/** Narrower, there is no room for a drawing: figures alone are written. */
const LEAST_DRAWN = 16;
/** Cells that figures beside a drawing take. */
const FIGURES = '  p50 1234 p99 1234'.length;
/** A drawing has at least this before figures are written beside it. */
const LEAST_BESIDE = 36;
/** Cells from one label of the scale to the next, at least. */
const LABEL = 7;

/** What a chart is drawn with, one cell each. */
export interface ChartMarks {
  /** The fastest answer, and the 50th, 90th and 99th of 100. */
  min: string;
  p50: string;
  p90: string;
  p99: string;
  /** From the fastest on, and between the 50th and the 90th. */
  line: string;
  middle: string;
  axis: string;
  tick: string;
  ellipsis: string;
}

export const BLOCK_MARKS: ChartMarks = {
  ...{ min: '├', p50: '┃', p90: '┫', p99: '┤' },
  ...{ line: '─', middle: '━', axis: '─', tick: '┬', ellipsis: '…' },
};

/** For terminals that have nothing else. */
export const ASCII_MARKS: ChartMarks = {
  ...{ min: '[', p50: '|', p90: '>', p99: ']' },
  ...{ line: '-', middle: '=', axis: '-', tick: '+', ellipsis: '~' },
};

/**
 * Latencies of a run for a terminal, a line for each variant from its fastest answer to the 99th of 100, on a logarithmic
 * scale. Of each probe that measured any.
 *
 * @param width terminal cells that no line is longer than
 */
export function drawLatencyChart(
  results: Pick<RunResults, 'measurements'>,
  width: number,
  marks: ChartMarks = BLOCK_MARKS,
): string[] {
  const drawn = groupLoads(results).map((of) => drawProbe(of, width, marks));
  return drawn.flatMap((lines, place) => (place === 0 ? lines : ['', ...lines])).map((line) => cut(line, width, marks));
}

function drawProbe({ probe, loads }: LoadsOfProbe, width: number, marks: ChartMarks): string[] {
  const summaries = loads.flatMap(({ latency }) => (latency ? [latency] : []));
  const scale = makeScale(summaries.flatMap(({ min, p99 }) => [min, p99]));
  const title = `${probe}: latency in ms`;
  const gutter = Math.max(...loads.map(({ variant }) => variant.length)) + 2;
  const room = width - gutter;
  if (!scale || room < LEAST_DRAWN) return [title, ...loads.map((load) => `${load.variant}  ${writeFigures(load)}`)];
  const hasFigures = room - FIGURES >= LEAST_BESIDE;
  const cells = hasFigures ? room - FIGURES : room;
  return [
    title,
    ...drawScale(scale, cells, marks).map((line) => ' '.repeat(gutter) + line),
    ...loads.map((load) => {
      const line = load.latency ? drawLatency(load.latency, scale, cells, marks) : writeFigures(load);
      const beside = hasFigures && load.latency ? `  ${writeFigures(load)}` : '';
      return (load.variant.padEnd(gutter) + line.padEnd(cells) + beside).trimEnd();
    }),
    `${' '.repeat(gutter)}${marks.min} min  ${marks.p50} p50  ${marks.p90} p90  ${marks.p99} p99`,
  ];
}

function writeFigures({ latency }: LoadMeasurement): string {
  if (!latency) return 'nothing was answered as accepted';
  const [p50, p99] = [latency.p50, latency.p99].map(formatFigure) as [string, string];
  return `p50 ${p50.padEnd(4)} p99 ${p99}`;
}

/** `├────┃━━━┫──────┤`; where two marks would be in the same cell, the one that says more is shown. */
function drawLatency({ min, p50, p90, p99 }: LatencySummary, scale: Scale, cells: number, marks: ChartMarks): string {
  const [first, middle, most, last] = [min, p50, p90, p99].map((ms) => cellOf(ms, scale, cells)) as [
    number,
    number,
    number,
    number,
  ];
  const line = Array.from({ length: cells }, (_, cell): string => {
    if (cell < first || cell > last) return ' ';
    return cell > middle && cell < most ? marks.middle : marks.line;
  });
  line[last] = marks.p99;
  line[first] = marks.min;
  line[most] = marks.p90;
  line[middle] = marks.p50;
  return line.join('').trimEnd();
}

/** Labels above an axis. Each label begins at its tick. */
function drawScale(scale: Scale, cells: number, marks: ChartMarks): [labels: string, axis: string] {
  const axis = new Array<string>(cells).fill(marks.axis);
  let labels = '';
  for (const ms of thinTicks(scale.ticks, Math.floor(cells / LABEL))) {
    const [cell, label] = [cellOf(ms, scale, cells), String(ms)];
    if (cell + label.length > cells || (labels !== '' && cell <= labels.length)) continue;
    labels = labels.padEnd(cell) + label;
    axis[cell] = marks.tick;
  }
  return [labels, axis.join('')];
}

function cellOf(ms: number, scale: Scale, cells: number): number {
  return Math.round(scale.place(ms) * (cells - 1));
}

/** Every character takes one cell, since what is none of ours is shown as `?`. */
function cut(text: string, width: number, marks: ChartMarks): string {
  const own = new Set(Object.values(marks) as string[]);
  const line = text.replaceAll(/[^ -~]/gu, (character) => (own.has(character) ? character : '?'));
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}${marks.ellipsis}`;
}
