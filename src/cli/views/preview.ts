import { formatDuration } from '../../config/duration.ts';
import { formatExperimentId } from '../../domain/experiment/experiment.ts';
import type { PreviewState, PreviewView } from '../../domain/preview/view.ts';
import { shortenDigest } from '../../domain/service/revision.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import { renderRunTree } from './experiment/run.ts';
import { facts } from './facts.ts';
import type { Frame } from './frame.ts';
import { type Mark, PREVIEW_MARKS } from './symbols.ts';
import { type Cell, type Column, table } from './table.ts';
import { type Line, line, span } from './text.ts';
import { moment, until } from './time.ts';

/** Everything about a preview on one screen. */
export function renderPreview(view: PreviewView, frame: Frame): Line[] {
  const { artifact, branch, expiresAt, experiment, forgottenAt, runs, sentences, service, ttlMs, url } = view;
  const [, tone] = PREVIEW_MARKS[view.state];
  const [first = '', ...more] = sentences;
  return [
    ...facts(
      [
        { name: 'Preview', value: branch, tone: 'strong' },
        { name: 'Service', value: formatServiceId(service) },
        { name: 'Status', value: first, tone },
        ...more.map((value) => ({ name: 'Note', value, tone: 'bad' as const })),
        { name: 'URL', value: url ?? describeNowhere(view), tone: url === undefined ? 'faint' : 'accent' },
        { name: 'Artifact', value: shortenDigest(artifact) },
        expiresAt === undefined
          ? undefined
          : {
              name: 'Until',
              value: `${moment(expiresAt, frame.now)}; each renewal begins ${formatDuration(ttlMs)} anew`,
            },
        forgottenAt === undefined ? undefined : { name: 'Forgotten', value: moment(forgottenAt, frame.now) },
        frame.compact
          ? undefined
          : { name: 'Runs', value: `experiment ${formatExperimentId(experiment)}`, tone: 'faint' },
      ],
      frame,
    ),
    ...runs.flatMap(({ status }) => [[], ...renderRunTree(status, frame)]),
  ];
}

function describeNowhere({ port, state }: PreviewView): string {
  return state === 'opening' ? `none yet; it will be at port ${port}` : `none; port ${port} is kept for it`;
}

const LIST: Column[] = [
  { title: 'BRANCH' },
  { title: 'STATE' },
  { title: 'URL' },
  { title: 'UNTIL', rank: 1 },
  { title: 'SERVICE', rank: 2 },
  { title: 'ARTIFACT', rank: 3 },
];

/** One line a preview. */
export function renderPreviews(previews: readonly PreviewView[], { now, symbols, width }: Frame): Line[] {
  if (previews.length === 0) {
    return [
      line('No previews. Open one with '),
      line(span('  supplant preview open SERVICE BRANCH --artifact ARTIFACT', 'accent')),
    ];
  }
  const rows = previews.map(({ artifact, branch, expiresAt, port, service, state, url }): Cell[] => {
    const [symbol, tone]: Mark = PREVIEW_MARKS[state];
    return [
      branch,
      { text: `${symbols[symbol]} ${describeState(state)}`, tone },
      url ?? `port ${port}`,
      expiresAt === undefined ? '' : until(expiresAt, now),
      formatServiceId(service),
      shortenDigest(artifact),
    ];
  });
  return table(LIST, rows, width);
}

function describeState(state: PreviewState): string {
  return state === 'renewing' ? 'up, renewing' : state;
}
