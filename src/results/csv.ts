import type { Measurement } from '../domain/experiment/measurement.ts';
import { formatExperimentId } from '../domain/experiment/experiment.ts';
import type { RunResults } from '../domain/experiment/run.ts';

type Cell = string | number | undefined;

/** The columns, in order, and what a measurement has in each. Times are in milliseconds; what a kind lacks is empty. */
const COLUMNS: readonly (readonly [title: string, of: (measurement: Measurement, results: RunResults) => Cell])[] = [
  ['experiment', (_, { experiment }) => formatExperimentId(experiment)],
  ['run', (_, { run }) => run],
  ['probe', ({ probe }) => probe],
  ['variant', ({ variant }) => variant],
  ['kind', ({ kind }) => kind],
  ['from', ({ from }) => from],
  ['to', ({ to }) => to],
  ['verdict', (of) => (of.kind === 'check' ? of.verdict : undefined)],
  ['attempts', (of) => (of.kind === 'check' ? of.attempts : undefined)],
  ['passed', (of) => (of.kind === 'check' ? of.passed : undefined)],
  ['evidence', (of) => (of.kind === 'check' ? of.evidence : undefined)],
  ['requests', (of) => (of.kind === 'load' ? of.requests : undefined)],
  ['errors', (of) => (of.kind === 'load' ? of.errors : undefined)],
  ['late', (of) => (of.kind === 'load' ? of.late : undefined)],
  ['error_kinds', (of) => (of.kind === 'load' ? writeKinds(of.errorKinds) : undefined)],
  ...(['count', 'min', 'mean', 'p50', 'p90', 'p95', 'p99', 'p999', 'max'] as const).map(
    (name) =>
      [
        name === 'count' ? 'answered' : `latency_${name}_ms`,
        (of: Measurement): Cell => (of.kind === 'load' ? of.latency?.[name] : undefined),
      ] as const,
  ),
];

/** What a run measured as CSV (RFC 4180): a row for each measurement, titles first. */
export function formatResultsCsv(results: RunResults): string {
  const rows = results.measurements.map((measurement) => COLUMNS.map(([, of]) => of(measurement, results)));
  return [COLUMNS.map(([title]) => title), ...rows].map((row) => `${row.map(writeCell).join(',')}\r\n`).join('');
}

function writeKinds(kinds: readonly { what: string; count: number }[]): string {
  return kinds.map(({ what, count }) => `${what}: ${count}`).join('; ');
}

function writeCell(cell: Cell): string {
  const text = typeof cell === 'string' ? defuse(cell) : String(cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Spreadsheets take what begins so for a formula, and run it: an apostrophe before it makes it a text to them
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
function defuse(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}
