import { formatPercentage } from '../domain/experiment/figures.ts';
import type { LoadMeasurement } from '../domain/experiment/measurement.ts';
import { estimateShare } from '../domain/statistics/proportions.ts';
import { type Html, html } from './html.ts';
import { at, type Canvas, drawCharts, seriesClass } from './svg.ts';

const CONFIDENCE = 0.95;
/** Of one variant's bar with its name above it, in pixels. */
const ROW = 44;
const BAR = 14;
/** Room for the end of the last label. */
const MARGIN = { left: 2, right: 22, top: 4, bottom: 22 };
/** What the longest bar may be, as a share: round numbers, so that a small share does not seem a large one. */
const ENDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

/** The share of requests that failed, a bar for each variant, with the interval in which it is. */
export function drawErrorChart(loads: readonly LoadMeasurement[], variants: readonly string[]): Html | Html[] {
  if (loads.every(({ errors }) => errors === 0)) return html`<p>No request failed.</p>`;
  const rows = loads.map((load) => ({
    ...load,
    share: estimateShare({ count: load.errors, of: load.requests }, CONFIDENCE),
  }));
  const most = Math.max(...rows.map(({ share }) => share.high));
  const end = ENDS.find((share) => share >= most) ?? 1;
  const label = `Share of requests that failed. ${rows
    .map(({ variant, share }) => `${variant}: ${formatPercentage(share.estimate)} %`)
    .join('; ')}.`;
  return [
    html`<figure>
      ${drawCharts(label, (canvas) => ({
        height: MARGIN.top + rows.length * ROW + MARGIN.bottom,
        content: [
          ...drawScale(canvas, end, rows.length),
          ...rows.map((row, place) => drawBar(canvas, end, row, place, seriesClass(row.variant, variants))),
        ],
      }))}
      <figcaption>The share of requests that failed; the lines reach as far as it may be (95 % sure).</figcaption>
    </figure>`,
  ];
}

function drawScale(canvas: Canvas, end: number, rows: number): Html[] {
  const bottom = MARGIN.top + rows * ROW;
  return [0, 0.5, 1].map((part) => {
    const x = at(placeOf(canvas, part));
    const side = part === 0 ? 'first' : 'x';
    return html`<path class="grid" d="M${x} ${MARGIN.top}V${bottom}" /><text x="${x}" y="${bottom + 16}" class="${side}"
        >${String(part * end * 100)} %</text
      >`;
  });
}

function drawBar(
  canvas: Canvas,
  end: number,
  { variant, errors, requests, share }: LoadMeasurement & { share: { estimate: number; low: number; high: number } },
  place: number,
  series: string,
): Html {
  const top = MARGIN.top + place * ROW;
  const [bar, middle] = [top + 20, at(top + 20 + BAR / 2)];
  const [zero, value, low, high] = [0, share.estimate, share.low, share.high].map((of) =>
    placeOf(canvas, of / end),
  ) as [number, number, number, number];
  const words = `${variant}: ${formatPercentage(share.estimate)} % (${errors} of ${requests})`;
  return html`<g class="${series}">
    <text x="${at(zero + 4)}" y="${top + 11}" class="row">${words}</text>
    <rect x="${at(zero)}" y="${bar}" width="${at(value - zero)}" height="${BAR}" />
    <path
      class="reach"
      d="M${at(low)} ${middle}H${at(high)}M${at(low)} ${bar + 3}v${BAR - 6}M${at(high)} ${bar + 3}v${BAR - 6}"
    />
  </g>`;
}

function placeOf({ width }: Canvas, part: number): number {
  return MARGIN.left + part * (width - MARGIN.left - MARGIN.right);
}
