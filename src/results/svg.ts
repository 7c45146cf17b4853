import { type Html, html } from './html.ts';

/** How a chart is drawn: text on it does not shrink with the window, so that there is one for each kind of it. */
export interface Canvas {
  className: 'wide' | 'narrow';
  width: number;
}

const CANVASES: readonly Canvas[] = [
  { className: 'wide', width: 760 },
  { className: 'narrow', width: 340 },
];

/** A chart for wide windows and one for phones, of which one is shown. What it shows is told in words, too. */
export function drawCharts(label: string, draw: (canvas: Canvas) => { height: number; content: Html[] }): Html[] {
  return CANVASES.map((canvas) => {
    const { height, content } = draw(canvas);
    return html`<svg
      class="chart ${canvas.className}"
      role="img"
      aria-label="${label}"
      viewBox="0 0 ${canvas.width} ${height}"
    >
      ${content}
    </svg>`;
  });
}

/** Colours and dashes of variants, by their places: enough for as many as an experiment may have. */
export function seriesClass(variant: string, variants: readonly string[]): string {
  return `v${Math.max(0, variants.indexOf(variant)) % 8}`;
}

/** Coordinates are written to a tenth of a pixel. */
export function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}
