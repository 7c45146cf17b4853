import { formatFigure } from '../domain/experiment/figures.ts';
import type { LoadMeasurement } from '../domain/experiment/measurement.ts';
import { type Html, html } from './html.ts';
import { makeScale, type Scale, thinTicks } from './loads.ts';
import { at, type Canvas, drawCharts, seriesClass } from './svg.ts';

const HEIGHT = 260;
const MARGIN = { left: 46, right: 14, top: 10, bottom: 42 };
/** Points of a curve: more than can be told apart. */
const POINTS = 100;
/** Pixels from one label to the next. */
const LABEL = 46;

/** The share of answers that came within a time, a curve for each variant: further left is faster. */
export function drawLatencyCurves(loads: readonly LoadMeasurement[], variants: readonly string[]): Html | Html[] {
  const curves = loads
    .filter(({ samples }) => samples.length > 0)
    .map((load) => ({ ...load, sorted: load.samples.toSorted((one, other) => one - other) }));
  const scale = makeScale(curves.flatMap(({ sorted }) => [sorted[0] ?? 1, sorted.at(-1) ?? 1]));
  if (!scale) return html`<p>Nothing was answered as accepted.</p>`;
  const words = curves.map(({ variant, latency }) => `${variant}: half within ${formatFigure(latency?.p50 ?? 0)} ms`);
  const label = `Share of answers within a time. ${words.join('; ')}.`;
  return [
    html`<figure>
      ${drawCharts(label, (canvas) => ({
        height: HEIGHT,
        content: [
          ...drawAxes(canvas, scale),
          ...curves.map(({ variant, sorted }) => drawCurve(canvas, scale, sorted, seriesClass(variant, variants))),
        ],
      }))}
      <figcaption>
        <p>${curves.map(({ variant }) => legend(variant, variants))}</p>
        <p>
          The share of answers that came within a time; further left is faster. The dots are at 50&nbsp;% and 99&nbsp;%.
        </p>
      </figcaption>
    </figure>`,
  ];
}

/** The same line as in the chart, before a variant's name. */
export function legend(variant: string, variants: readonly string[]): Html {
  return html`<span class="key"
    ><svg class="swatch ${seriesClass(variant, variants)}" viewBox="0 0 22 8" aria-hidden="true">
      <path class="line" d="M0 4H22" /></svg
    >${variant}</span
  > `;
}

function drawAxes({ width }: Canvas, scale: Scale): Html[] {
  const [left, right] = [MARGIN.left, width - MARGIN.right];
  const bottom = HEIGHT - MARGIN.bottom;
  const shares = [0, 25, 50, 75, 100].map((percent) => {
    const y = at(heightOf(percent / 100));
    return html`<path class="grid" d="M${left} ${y}H${right}" /><text x="${left - 6}" y="${y}" class="y"
        >${percent} %</text
      >`;
  });
  const ticks = thinTicks(scale.ticks, Math.floor((right - left) / LABEL)).map((ms) => {
    const x = at(placeOf(width, scale, ms));
    return html`<path class="grid" d="M${x} ${MARGIN.top}V${bottom}" /><text x="${x}" y="${bottom + 16}" class="x"
        >${ms}</text
      >`;
  });
  const middle = at((left + right) / 2);
  return [...shares, ...ticks, html`<text x="${middle}" y="${HEIGHT - 6}" class="x">ms, logarithmic</text>`];
}

/** Through the quantiles of the sample, by steps that are too small to be seen. */
function drawCurve({ width }: Canvas, scale: Scale, sorted: readonly number[], series: string): Html {
  const quantile = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const point = (share: number): string => `${at(placeOf(width, scale, quantile(share)))} ${at(heightOf(share))}`;
  const points = Array.from({ length: POINTS + 1 }, (_, place) => point(place / POINTS));
  const dots = [0.5, 0.99].map((share) => {
    const [x, y] = point(share).split(' ') as [string, string];
    return html`<circle cx="${x}" cy="${y}" r="4"
      ><title>${share * 100} % within ${formatFigure(quantile(share))} ms</title></circle
    >`;
  });
  return html`<g class="${series}"><path class="line" d="M${points.join('L')}" />${dots}</g>`;
}

function placeOf(width: number, scale: Scale, ms: number): number {
  return MARGIN.left + scale.place(ms) * (width - MARGIN.left - MARGIN.right);
}

function heightOf(share: number): number {
  return HEIGHT - MARGIN.bottom - share * (HEIGHT - MARGIN.bottom - MARGIN.top);
}
