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

/**
 * Latencies of a run for a terminal, a line for each variant from its fastest answer to the 99th of 100, on a logarithmic
 * scale. Of each probe that measured any.
 *
 * @param width terminal cells that no line is longer than
 */
export function drawLatencyChart(results: Pick<RunResults, 'measurements'>, width: number): string[] {
  const drawn = groupLoads(results).map((of) => drawProbe(of, width));
  return drawn.flatMap((lines, place) => (place === 0 ? lines : ['', ...lines])).map((line) => cut(line, width));
}

function drawProbe({ probe, loads }: LoadsOfProbe, width: number): string[] {
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
    ...drawScale(scale, cells).map((line) => ' '.repeat(gutter) + line),
    ...loads.map((load) => {
      const line = load.latency ? drawLatency(load.latency, scale, cells) : writeFigures(load);
      const beside = hasFigures && load.latency ? `  ${writeFigures(load)}` : '';
      return (load.variant.padEnd(gutter) + line.padEnd(cells) + beside).trimEnd();
    }),
    `${' '.repeat(gutter)}├ min  ┃ p50  ┫ p90  ┤ p99`,
  ];
}

function writeFigures({ latency }: LoadMeasurement): string {
  if (!latency) return 'nothing was answered as accepted';
  const [p50, p99] = [latency.p50, latency.p99].map(formatFigure) as [string, string];
  return `p50 ${p50.padEnd(4)} p99 ${p99}`;
}

/** `├────┃━━━┫──────┤`; where two marks would be in the same cell, the one that says more is shown. */
function drawLatency({ min, p50, p90, p99 }: LatencySummary, scale: Scale, cells: number): string {
  const [first, middle, most, last] = [min, p50, p90, p99].map((ms) => cellOf(ms, scale, cells)) as [
    number,
    number,
    number,
    number,
  ];
  const line = Array.from({ length: cells }, (_, cell): string => {
    if (cell < first || cell > last) return ' ';
    return cell > middle && cell < most ? '━' : '─';
  });
  line[last] = '┤';
  line[first] = '├';
  line[most] = '┫';
  line[middle] = '┃';
  return line.join('').trimEnd();
}

/** Labels above an axis. Each label begins at its tick. */
function drawScale(scale: Scale, cells: number): [labels: string, axis: string] {
  const axis = new Array<string>(cells).fill('─');
  let labels = '';
  for (const ms of thinTicks(scale.ticks, Math.floor(cells / LABEL))) {
    const [cell, label] = [cellOf(ms, scale, cells), String(ms)];
    if (cell + label.length > cells || (labels !== '' && cell <= labels.length)) continue;
    labels = labels.padEnd(cell) + label;
    axis[cell] = '┬';
  }
  return [labels, axis.join('')];
}

function cellOf(ms: number, scale: Scale, cells: number): number {
  return Math.round(scale.place(ms) * (cells - 1));
}

/** Every character takes one cell, since what is none of ours is shown as `?`. */
function cut(text: string, width: number): string {
  const line = text.replaceAll(/[^ -~├┤┃┫━─┬…]/g, '?');
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
