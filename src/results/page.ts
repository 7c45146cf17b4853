import { formatRunName } from '../domain/experiment/run.ts';
import type { RunResults } from '../domain/experiment/run.ts';
import type { RunView } from '../domain/experiment/view.ts';
import { type Html, html } from './html.ts';
import { drawErrorChart } from './page-errors.ts';
import { drawLatencyCurves } from './page-latency.ts';
import { groupLoads, type LoadsOfProbe } from './loads.ts';
import { STYLE } from './page-style.ts';
import { renderChecks, renderComparisons, renderLoads, renderPhases, renderVariants } from './page-tables.ts';
import { formatMoment, formatSpan } from './times.ts';

/**
 * What a run has found, as one HTML page that needs nothing else: no script, no font, no picture from anywhere. It is made to
 * be read on a phone or printed, in dark or light, and to be kept when the run is forgotten.
 */
export function renderResultsPage({ status, sentences, uiLink }: RunView, results: RunResults): string {
  const name = formatRunName(status);
  const variants = variantNames(status.variants, results);
  const body = html`<header>
      <p class="kicker">Experiment run</p>
      <h1>${name} ${renderOutcome(status)}</h1>
      ${renderFacts(status, uiLink)}
    </header>
    <main>
      ${renderSentences(sentences)} ${renderComparisons(results.comparisons)}
      ${groupLoads(results).map((of) => renderProbe(of, variants))} ${renderChecks(results.measurements)}
      ${renderVariants(status.variants, variants)} ${renderPhases(status.phases)}
    </main>
    <footer>
      <p>
        Times are in UTC. Latencies count from the moment at which a request was to be sent. These results are kept on
        the server until ${formatMoment(results.keptUntil)}.
      </p>
    </footer>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${name}: results</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `.markup;
}

/** Every variant's place decides its colour on the whole page. */
function variantNames(variants: readonly { name: string }[], { measurements }: RunResults): string[] {
  return [...new Set([...variants.map(({ name }) => name), ...measurements.map(({ variant }) => variant)])];
}

function renderOutcome({ outcome, phase }: RunView['status']): Html {
  if (outcome === undefined) return html`<span class="badge busy">in ${phase}</span>`;
  const tone = outcome === 'succeeded' ? 'good' : outcome === 'failed' || outcome === 'lost' ? 'bad' : 'dull';
  return html`<span class="badge ${tone}">${outcome}</span>`;
}

function renderFacts(status: RunView['status'], uiLink: string | undefined): Html {
  const { trigger, actor, reason, startedAt, endedAt, because } = status;
  const facts: [string, Html | string | undefined][] = [
    ['Started', html`<time datetime="${startedAt}">${formatMoment(startedAt)}</time>`],
    ['Took', endedAt === undefined ? 'goes on' : formatSpan(startedAt, endedAt)],
    ['Begun by', trigger === 'person' || trigger === actor ? actor : `${trigger}, ${actor}`],
    ['Reason', reason],
    ['Outcome', because],
    // Whatever else an address may be, it must not run anything.
    ['Workflow', uiLink && /^https?:\/\//.test(uiLink) ? html`<a href="${uiLink}">in the Temporal UI</a>` : undefined],
  ];
  const shown = facts.filter(([, value]) => value !== undefined);
  return html`<dl class="facts">
    ${shown.map(
      ([title, value]) =>
        html`<div>
          <dt>${title}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function renderSentences(sentences: readonly string[]): Html | undefined {
  if (sentences.length === 0) return undefined;
  return html`<section>
    <h2>What happened</h2>
    ${sentences.map((sentence) => html`<p>${sentence}</p>`)}
  </section>`;
}

function renderProbe({ probe, loads }: LoadsOfProbe, variants: readonly string[]): Html {
  return html`<section>
    <h2>Load: ${probe}</h2>
    <h3>Latency</h3>
    ${drawLatencyCurves(loads, variants)}
    <h3>Errors</h3>
    ${drawErrorChart(loads, variants)}
    <h3>Figures</h3>
    ${renderLoads(loads, variants)}
  </section>`;
}
