import { formatRunName, type RunResults } from '../../../domain/experiment/run.ts';
import type {
  CheckMeasurement,
  Comparison,
  LoadMeasurement,
  Measurement,
} from '../../../domain/experiment/measurement.ts';
import type { RunView } from '../../../domain/experiment/view.ts';
import { ASCII_MARKS, BLOCK_MARKS, drawLatencyChart } from '../../../results/chart.ts';
import { facts, section } from '../facts.ts';
import type { Frame } from '../frame.ts';
import { UNICODE, VERDICT_MARKS } from '../symbols.ts';
import { type Cell, type Column, table } from '../table.ts';
import { type Line, line, span, wrap } from '../text.ts';
import { between, clock } from '../time.ts';
import { plural } from '../words.ts';
import { describeRunState, markOfRun } from './run.ts';

/** What a run has found out, by probe, and how its variants differ. */
export function renderResults({ run, results }: { run: RunView; results: RunResults }, frame: Frame): Line[] {
  const { status } = run;
  const [, tone] = markOfRun(status.outcome);
  const took = between(status.startedAt, status.endedAt ?? frame.now);
  const { comparisons, keptUntil, measurements } = results;
  return [
    ...facts(
      [
        { name: 'Run', value: formatRunName(status), tone: 'strong' },
        { name: 'Status', value: describeRunState(status, took), tone },
        { name: 'Kept', value: `until ${clock(keptUntil, frame.now)}` },
      ],
      frame,
    ),
    ...(measurements.length === 0
      ? [[], line(status.outcome === undefined ? 'Nothing is measured yet.' : 'Nothing was measured.')]
      : []),
    ...probesOf(measurements).flatMap((probe) =>
      renderProbe(
        probe,
        measurements.filter((each) => each.probe === probe),
        frame,
      ),
    ),
    ...chartLines(results, frame),
    ...section(
      'Compared',
      comparisons.flatMap((comparison) => comparisonLines(comparison, frame)),
    ),
  ];
}

function probesOf(measurements: readonly Measurement[]): string[] {
  return [...new Set(measurements.map(({ probe }) => probe))];
}

const LOADS: Column[] = [
  { title: '  VARIANT' },
  { title: 'REQUESTS', align: 'right' },
  { title: 'ERRORS', align: 'right' },
  { title: 'P50', align: 'right' },
  { title: 'P90', align: 'right', rank: 4 },
  { title: 'P95', align: 'right', rank: 2 },
  { title: 'P99', align: 'right', rank: 1 },
  { title: 'P99.9', align: 'right', rank: 5 },
  { title: 'MAX', align: 'right', rank: 3 },
];

function renderProbe(probe: string, measurements: readonly Measurement[], frame: Frame): Line[] {
  const loads = measurements.filter((each) => each.kind === 'load');
  const checks = measurements.filter((each) => each.kind === 'check');
  return section(probe, [
    ...table(LOADS, loads.map(loadRow), frame.width),
    ...loads.flatMap((each) => loadNotes(each, frame)),
    ...checks.flatMap((each) => checkLines(each, frame)),
  ]);
}

function loadRow({ errors, latency, requests, variant }: LoadMeasurement): Cell[] {
  const ms = (value: number | undefined): string => (value === undefined ? '-' : formatMilliseconds(value));
  const share = requests === 0 ? '0' : `${errors} (${formatShare(errors / requests)})`;
  return [
    `  ${variant}`,
    String(requests),
    errors === 0 ? '0' : { text: share, tone: 'bad' },
    ...[latency?.p50, latency?.p90, latency?.p95, latency?.p99, latency?.p999, latency?.max].map(ms),
  ];
}

function loadNotes({ errorKinds, late, requests, variant }: LoadMeasurement, { width }: Frame): Line[] {
  const errors = errorKinds.map(({ count, what }) => `${what} (${count})`).join(', ');
  return [
    ...(errors === '' ? [] : [{ text: `${variant}: ${errors}`, tone: 'bad' as const }]),
    ...(late === 0
      ? []
      : [
          {
            text: `${variant}: ${late} of ${plural(requests, 'request')} could not be sent in time, since the machine that probes was busy; its figures say less`,
            tone: 'busy' as const,
          },
        ]),
  ].flatMap(({ text, tone }) => wrap(text, width - 2).map((part) => line('  ', span(part, tone))));
}

function checkLines({ attempts, evidence, passed, variant, verdict }: CheckMeasurement, frame: Frame): Line[] {
  const [symbol, tone] = VERDICT_MARKS[verdict];
  const counts = attempts === 0 ? verdict : `${verdict}, ${passed} of ${attempts} passed`;
  const head = line('  ', span(`${frame.symbols[symbol]} `, tone), span(variant), span(`  ${counts}`, tone));
  return [head, ...wrap(evidence, frame.width - 4).map((text) => line('    ', span(text, 'faint')))];
}

/** It is drawn with blocks, where a terminal has them. */
function chartLines(results: RunResults, { compact, symbols, width }: Frame): Line[] {
  if (compact) return [];
  const marks = symbols === UNICODE ? BLOCK_MARKS : ASCII_MARKS;
  const drawn = drawLatencyChart(results, Math.min(width, WIDEST_CHART), marks);
  return drawn.length === 0 ? [] : [[], ...drawn.map((text) => line(text))];
}

const WIDEST_CHART = 100;

function comparisonLines({ test, verdict, words }: Comparison, { symbols, width }: Frame): Line[] {
  const [symbol, tone] = verdict === 'undecided' ? (['unknown', 'faint'] as const) : (['warning', 'busy'] as const);
  const indent = '  ';
  return [...wrap(words, width - 4), ...wrap(`(${test})`, width - 4)].map((text, index) =>
    index === 0
      ? line(indent, span(`${symbols[symbol]} `, tone), span(text, verdict === 'undecided' ? 'plain' : 'strong'))
      : line(indent, '  ', span(text, index < wrap(words, width - 4).length ? 'plain' : 'faint')),
  );
}

/** `0.42ms`, `3.1ms`, `812ms`, `4.20s`. */
export function formatMilliseconds(value: number): string {
  if (value >= 1_000) return `${(value / 1_000).toFixed(2)}s`;
  return `${value.toFixed(value < 1 ? 2 : value < 100 ? 1 : 0)}ms`;
}

function formatShare(share: number): string {
  return `${(share * 100).toFixed(share < 0.01 ? 2 : 1)} %`;
}

const LIST: Column[] = [
  { title: 'RUN' },
  { title: 'OUTCOME' },
  { title: 'STARTED', rank: 3 },
  { title: 'MEASURED', rank: 2 },
  { title: 'DIFFERENCES', rank: 1 },
];

/** What there is of each run, newest first; `results` is absent where a run has none any more. */
export function renderResultsList(
  found: readonly { run: RunView; results?: RunResults }[],
  { now, symbols, width }: Frame,
): Line[] {
  if (found.length === 0) return [line('No runs yet, and so no results.')];
  const rows = found.map(({ run: { status }, results }): Cell[] => {
    const [symbol, tone] = markOfRun(status.outcome);
    const { comparisons = [], measurements = [] } = results ?? {};
    const different = comparisons.filter(({ verdict }) => verdict !== 'undecided');
    return [
      `@${status.run}`,
      { text: `${symbols[symbol]} ${status.outcome ?? status.phase}`, tone },
      clock(status.startedAt, now),
      measurements.length === 0 ? 'nothing' : probesOf(measurements).join(', '),
      comparisons.length === 0
        ? '-'
        : different.length === 0
          ? 'none that is one'
          : {
              text: different
                .map(({ figure, probe, variant, verdict }) => `${variant}: ${probe} ${figure} ${verdict}`)
                .join(', '),
              tone: 'busy',
            },
    ];
  });
  return table(LIST, rows, width);
}
