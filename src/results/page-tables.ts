import { formatFigure, formatFigures, formatPercentage } from '../domain/experiment/figures.ts';
import type { Comparison, LoadMeasurement, Measurement } from '../domain/experiment/measurement.ts';
import type { RunPhaseStatus, RunVariant } from '../domain/experiment/run.ts';
import { formatRevisionName } from '../domain/service/revision.ts';
import { formatServiceId } from '../domain/service/service.ts';
import { type Html, html } from './html.ts';
import { legend } from './page-latency.ts';
import { formatSpan } from './times.ts';

type Cell = Html | string | number;

/**
 * A table that a narrow window scrolls by itself. The first cell of a row is its title.
 *
 * @param numbers the columns of numbers, by their places
 */
function table(
  caption: string,
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
  numbers: number[],
): Html {
  const className = (place: number): string => (numbers.includes(place) ? 'number' : 'text');
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${titles.map((title, place) => html`<th scope="col" class="${className(place)}">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first, ...others]) =>
            html`<tr>
              <th scope="row">${first}</th>
              ${others.map((cell, place) => html`<td class="${className(place + 1)}">${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Higher latencies and more errors are worse. */
const VERDICTS: Record<Comparison['verdict'], Html> = {
  higher: html`<span class="badge bad">▲ higher</span>`,
  lower: html`<span class="badge good">▼ lower</span>`,
  undecided: html`<span class="badge dull">undecided</span>`,
};

export function renderComparisons(comparisons: readonly Comparison[]): Html | undefined {
  if (comparisons.length === 0) return undefined;
  const rows = comparisons.map((comparison) => {
    const { figure, probe, variant, baselineValue, variantValue, counts, verdict } = comparison;
    const value = (of: number, count: number): string => (count === 0 ? '–' : writeValue(figure, of));
    return [
      `${variant}, ${figure} of ${probe}`,
      VERDICTS[verdict],
      value(baselineValue, counts.baseline),
      value(variantValue, counts.variant),
      writeDifference(comparison),
    ];
  });
  const [{ baseline, confidence } = { baseline: '', confidence: 0 }] = comparisons;
  const sure = `Difference (${Number((confidence * 100).toFixed(3))} % sure)`;
  const titles = ['What', 'Verdict', `In ${baseline}`, 'In the variant', sure];
  const tests = [...new Set(comparisons.map(({ figure, test }) => `${figure} by ${test}`))];
  return html`<section>
    <h2>Held against ${baseline}</h2>
    <ul class="findings">
      ${comparisons.map(({ words, verdict }) => html`<li class="${verdict}">${words}</li>`)}
    </ul>
    ${table(`Variants held against ${baseline}`, titles, rows, [2, 3, 4])}
    <p class="note">Latencies are medians. Compared: ${tests.join('; ')}.</p>
  </section>`;
}

function writeValue(figure: Comparison['figure'], value: number): string {
  return figure === 'latency' ? `${formatFigure(value)} ms` : `${formatPercentage(value)} %`;
}

/** `+4.1 (3.2 to 5.0) ms`. */
function writeDifference({ figure, difference, counts }: Comparison): string {
  if (counts.baseline === 0 || counts.variant === 0) return '–';
  const factor = figure === 'latency' ? 1 : 100;
  const { estimate, low, high } = difference;
  const [size, from, to] = formatFigures([estimate, low, high].map((value) => value * factor));
  return `${estimate > 0 ? '+' : ''}${size} (${from} to ${to}) ${figure === 'latency' ? 'ms' : 'points'}`;
}

export function renderLoads(loads: readonly LoadMeasurement[], variants: readonly string[]): Html {
  const titles = ['Variant', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'Slowest', 'Requests', 'Failed', 'Sent late'];
  const rows = loads.map(({ variant, latency, requests, errors, late }) => {
    const { p50, p90, p95, p99, p999, max } = latency ?? {};
    const figures = [p50, p90, p95, p99, p999, max].map((ms) => (ms === undefined ? '–' : formatFigure(ms)));
    return [legend(variant, variants), ...figures, requests, errors, late];
  });
  const kinds = loads.filter(({ errorKinds }) => errorKinds.length > 0);
  return html`${table('Latencies in ms, and counts', titles, rows, [1, 2, 3, 4, 5, 6, 7, 8, 9])}
  ${kinds.map(
    ({ variant, errorKinds }) =>
      html`<p>
        <strong>${variant}</strong> failed with ${errorKinds.map(({ what, count }) => `${what} (${count})`).join(', ')}.
      </p>`,
  )}`;
}

const CHECK_VERDICTS = { pass: 'good', fail: 'bad', inconclusive: 'dull' };

export function renderChecks(measurements: readonly Measurement[]): Html | undefined {
  const checks = measurements.filter((measurement) => measurement.kind === 'check');
  if (checks.length === 0) return undefined;
  const rows = checks.map(({ variant, probe, verdict, attempts, passed, evidence }) => [
    `${probe} of ${variant}`,
    html`<span class="badge ${CHECK_VERDICTS[verdict]}">${verdict}</span>`,
    `${passed} of ${attempts}`,
    html`<span class="evidence">${evidence}</span>`,
  ]);
  return html`<section>
    <h2>Checks</h2>
    ${table('What checks have found', ['Check', 'Verdict', 'Passed', 'What was seen'], rows, [2])}
  </section>`;
}

export function renderVariants(of: readonly RunVariant[], variants: readonly string[]): Html {
  const rows = of.map(({ name, artifact, blueprint, like }) => [
    legend(name, variants),
    html`<code>${artifact}</code>`,
    blueprint,
    like ? `${formatServiceId(like.service)} ${formatRevisionName(like.revision)}` : 'a release of its own',
  ]);
  return html`<section>
    <h2>Variants</h2>
    ${table('What was compared', ['Variant', 'Artifact', 'Blueprint', 'Like'], rows, [])}
  </section>`;
}

export function renderPhases(phases: readonly RunPhaseStatus[]): Html | undefined {
  if (phases.length === 0) return undefined;
  const rows = phases.map(({ phase, state, startedAt, endedAt, note = '' }) => [
    phase,
    state,
    startedAt && endedAt ? formatSpan(startedAt, endedAt) : '–',
    note,
  ]);
  return html`<section>
    <h2>Phases</h2>
    ${table('How the run went', ['Phase', 'State', 'Took', 'Note'], rows, [2])}
  </section>`;
}
