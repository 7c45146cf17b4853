import type { ExperimentKey, ExperimentSpec } from '../experiment/experiment.ts';
import { type RunStatus, formatRunName } from '../experiment/run.ts';
import type { RunView } from '../experiment/view.ts';
import { endSentence } from '../sentences.ts';
import { formatEndpointUrl } from '../service/revision.ts';
import type { PreviewKey } from './name.ts';
import { PREVIEW_VARIANT, formatPreview, readPreview, readPreviewArtifact } from './preview.ts';

/**
 * How a preview is.
 * - `opening`: its first stack is being made.
 * - `up`: it can be looked at.
 * - `renewing`: it can be looked at, while a new stack is being made.
 * - `closing`: its stacks are being destroyed.
 * - `down`: there is nothing to look at; it was over, or could not be made.
 */
export const PREVIEW_STATES = ['opening', 'up', 'renewing', 'closing', 'down'] as const;
export type PreviewState = (typeof PREVIEW_STATES)[number];

/** A preview as people and programs see it. */
export interface PreviewView extends PreviewKey {
  experiment: ExperimentKey;
  /** What it is to run; a renewal that goes on, or has failed, may be why it runs something else. */
  artifact: string;
  state: PreviewState;
  port: number;
  /** Where it can be looked at; absent where it cannot. */
  url?: string;
  ttlMs: number;
  /** When it goes by itself, ISO 8601; absent where there is nothing that could. */
  expiresAt?: string;
  /** When it is forgotten, ISO 8601, where it is over. */
  forgottenAt?: string;
  /** What goes on, the oldest first, and the last run where that is over. */
  runs: RunView[];
  /** How it stands and why, in plain sentences. */
  sentences: string[];
}

/**
 * @param listed what goes on by the record, the oldest first; one of them may be over by now
 * @param ended the last run that is over by the record
 */
export function buildPreviewView(spec: ExperimentSpec, listed: readonly RunView[], ended?: RunView): PreviewView {
  const key = readPreview(spec);
  if (!key) throw new TypeError(`${spec.experiment.name} is no preview`);
  const port = spec.addresses?.[PREVIEW_VARIANT] ?? 0;
  const open = listed.filter(({ status }) => status.outcome === undefined);
  const last = listed.findLast(({ status }) => status.outcome !== undefined) ?? ended;
  const statuses = open.map(({ status }) => status);
  const shown = statuses.findLast((status) => locateUrl(status) !== undefined);
  const url = shown && locateUrl(shown);
  const state = computeState(statuses, shown);
  const newest = statuses.at(-1);
  const overAt = last?.status.endedAt;
  // What goes on is older: its renewal did not take place, or has failed.
  const isFailed = last !== undefined && newest !== undefined && last.status.run > newest.run;
  return {
    ...key,
    experiment: spec.experiment,
    artifact: readPreviewArtifact(spec),
    ...{ state, port, ttlMs: spec.ttlMs },
    ...(url === undefined ? {} : { url }),
    ...(newest ? { expiresAt: (shown ?? newest).deadlineAt } : {}),
    ...(newest || overAt === undefined ? {} : { forgottenAt: addTo(overAt, spec.keepMs) }),
    runs: [...open, ...(last && (isFailed || !newest) ? [last] : [])],
    sentences: [
      describeState(key, { state, url, port, shown, newest }),
      ...(isFailed || !newest ? describeLast(last?.status) : []),
    ],
  };
}

function computeState(open: readonly RunStatus[], shown: RunStatus | undefined): PreviewState {
  const newest = open.at(-1);
  if (!newest) return 'down';
  if (shown) return shown.run === newest.run ? 'up' : newest.phase === 'destroy' ? 'up' : 'renewing';
  return open.every(({ phase }) => phase === 'destroy') ? 'closing' : 'opening';
}

function locateUrl({ phase, variants }: RunStatus): string | undefined {
  const address = phase === 'destroy' ? undefined : variants.find(({ name }) => name === PREVIEW_VARIANT)?.address;
  return address && formatEndpointUrl(address);
}

interface Standing {
  state: PreviewState;
  url: string | undefined;
  port: number;
  shown: RunStatus | undefined;
  newest: RunStatus | undefined;
}

function describeState(key: PreviewKey, { state, url = '', port, shown, newest }: Standing): string {
  const name = formatPreview(key);
  const until = `until ${shown?.deadlineAt ?? ''}`;
  switch (state) {
    case 'opening':
      return `${name} is being made, and will be at port ${port}${newest ? ` (${formatRunName(newest)})` : ''}.`;
    case 'up':
      return `${name} is up at ${url} ${until}${url.endsWith(`:${port}`) ? '' : `; its own port ${port} could not be had`}.`;
    case 'renewing':
      return `${name} is up at ${url}; ${newest ? formatRunName(newest) : 'the next run'} takes over once it is healthy.`;
    case 'closing':
      return `${name} is going: its stacks are being destroyed.`;
    case 'down':
      return `${name} is down: there is nothing at port ${port}.`;
  }
}

function describeLast(last: RunStatus | undefined): string[] {
  if (!last?.outcome) return ['It has had no run yet.'];
  const { because, endedAt = '', outcome } = last;
  const why = because === undefined ? '' : `: ${because}`;
  const how = outcome === 'succeeded' ? 'ended with its TTL' : `has ${outcome === 'lost' ? 'been lost' : outcome}`;
  return [endSentence(`Its last run, ${formatRunName(last)}, ${how} at ${endedAt}${why}`)];
}

function addTo(time: string, millis: number): string {
  return new Date(Date.parse(time) + millis).toISOString();
}
