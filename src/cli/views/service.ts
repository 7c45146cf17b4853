import { endpointUrl, revisionName } from '../../domain/revision.ts';
import type { TargetObservation } from '../../domain/route.ts';
import { serviceId } from '../../domain/service.ts';
import type { RevisionStatus, ServiceView } from '../../domain/status.ts';
import { type Fact, facts, section } from './facts.ts';
import type { Frame } from './frame.ts';
import { rolloutTree, waitLines } from './rollout.ts';
import { REVISION_MARKS } from './symbols.ts';
import { type Cell, type Column, table } from './table.ts';
import { type Line, line, span, type Tone, wrap } from './text.ts';
import { age, ago, clock, until } from './time.ts';
import { aim, artifactLabel, plural, position } from './words.ts';

/** Everything about a service on one screen, after `kubectl argo rollouts get rollout`. */
export function serviceView(view: ServiceView, frame: Frame): Line[] {
  const { rollout } = view;
  return [
    ...facts(header(view, frame), frame),
    ...revisionLines(view, frame),
    ...(rollout ? [[], ...rolloutTree(rollout, frame), ...waitLines(rollout.wait, frame)] : []),
    ...queueLines(view, frame),
    ...quarantineLines(view, frame),
  ];
}

function header(view: ServiceView, { compact, now, symbols }: Frame): (Fact | undefined)[] {
  const { rollout, route, status } = view;
  return [
    { name: 'Service', value: serviceId(status.spec.service), tone: 'strong' },
    { name: 'Status', ...serviceState(view) },
    { name: 'Address', ...address(view) },
    route
      ? undefined
      : { name: 'Router', value: 'gives no answer about this service; weights are unknown', tone: 'bad' },
    rollout && {
      name: 'By',
      value: `${rollout.actor}, ${ago(rollout.startedAt, now)}${rollout.endedAt === undefined ? '' : ` ${symbols.dot} ended ${ago(rollout.endedAt, now)}`}`,
    },
    rollout?.reason === undefined || compact ? undefined : { name: 'Why', value: rollout.reason },
    view.link === undefined || compact ? undefined : { name: 'Look', value: view.link, tone: 'faint' },
  ];
}

/** One line for `status` and `list`: what runs, else what is live. */
export function serviceState({ status, rollout }: ServiceView): { value: string; tone: Tone } {
  if (rollout && !rollout.outcome) return { value: `${aim(rollout)} runs, phase ${position(rollout)}`, tone: 'busy' };
  if (status.removed) return { value: 'removed', tone: 'faint' };
  if (status.live === undefined) return { value: 'nothing is live', tone: 'bad' };
  const last =
    rollout?.outcome && rollout.outcome !== 'succeeded' ? `; rollout #${rollout.number} ${rollout.outcome}` : '';
  return { value: `${revisionName(status.live)} is live${last}`, tone: last === '' ? 'good' : 'bad' };
}

function address({ route }: ServiceView): { value: string; tone: Tone } {
  return route ? { value: endpointUrl(route.address), tone: 'accent' } : { value: 'unknown', tone: 'faint' };
}

const REVISION_COLUMNS: Column[] = [
  { title: 'REVISION' },
  { title: 'STATE' },
  { title: 'WEIGHT', align: 'right' },
  { title: 'IN FLIGHT', align: 'right', rank: 3 },
  { title: 'AGE', align: 'right', rank: 2 },
  { title: 'ARTIFACT', rank: 1 },
];

function revisionLines({ status, route }: ServiceView, frame: Frame): Line[] {
  if (status.revisions.length === 0) return [];
  const observed = new Map(route?.targets.map((target) => [target.revision, target]));
  const rows = status.revisions.map((revision) =>
    revisionRow(revision, observed.get(revision.number), route !== undefined, frame),
  );
  const [titles = [], ...drawn] = table(REVISION_COLUMNS, rows, frame.width);
  const below = status.revisions.map((revision) => revisionNotes(revision, observed.get(revision.number), frame));
  return [[], titles, ...drawn.flatMap((row, index) => [row, ...(below[index] ?? [])])];
}

function revisionRow(
  revision: RevisionStatus,
  target: TargetObservation | undefined,
  known: boolean,
  frame: Frame,
): Cell[] {
  const [symbol, tone] = REVISION_MARKS[revision.state];
  const none = known ? '-' : frame.symbols.unknown;
  return [
    { text: `${frame.symbols[symbol]} ${revisionName(revision.number)}`, tone },
    { text: revision.state, tone },
    target ? `${target.weight} %` : none,
    target ? String(target.inFlight) : none,
    age(revision.since, frame.now),
    artifactLabel(revision.artifact),
  ];
}

function revisionNotes(revision: RevisionStatus, target: TargetObservation | undefined, frame: Frame): Line[] {
  const { compact, now, symbols, width } = frame;
  const kept = revision.pinned
    ? ['pinned']
    : revision.warmUntil === undefined
      ? []
      : [`warm until ${clock(revision.warmUntil, now)} (${until(revision.warmUntil, now)})`];
  if (compact && revision.state !== 'live') return [];
  const served = target && target.served > 0 ? [`${target.served} served`] : [];
  const lost = target && target.failed > 0 ? [`${target.failed} not answered`] : [];
  const bad = revision.bad ? ['marked bad'] : [];
  const notes = [...revision.endpoints, ...kept, ...bad, ...served, ...lost];
  if (notes.length === 0) return [];
  const indent = '     ';
  return wrap(notes.join(` ${symbols.dot} `), width - indent.length).map((text, index) =>
    line(span((index === 0 ? `  ${symbols.last}` : indent) + text, 'faint')),
  );
}

function queueLines({ status }: ServiceView, { compact, now, width }: Frame): Line[] {
  if (compact && status.queue.length > 0) return [line(`Queue: ${plural(status.queue.length, 'rollout')}`)];
  const columns: Column[] = [
    { title: '  ROLLOUT' },
    { title: 'WHAT' },
    { title: 'WAITS', align: 'right' },
    { title: 'BY', rank: 2 },
    { title: 'ARTIFACT', rank: 1 },
  ];
  const rows = status.queue.map((queued) => [
    `  #${queued.number}`,
    aim(queued),
    age(queued.queuedAt, now),
    queued.actor,
    artifactLabel(queued.artifact ?? ''),
  ]);
  return section(`Queue: ${plural(status.queue.length, 'rollout')}, in this order`, table(columns, rows, width));
}

function quarantineLines({ status }: ServiceView, { now, width }: Frame): Line[] {
  const body = status.quarantine.flatMap((stack) => [
    line(
      `  ${stack.stack}  `,
      span(
        `${plural(stack.attempts, 'attempt')} since ${ago(stack.since, now)}, next ${until(stack.nextAttemptAt, now)}`,
        'faint',
      ),
    ),
    ...wrap(stack.lastError, width - 4).map((text) => line('    ', span(text, 'bad'))),
  ]);
  return section('Quarantine: teardown goes on by itself', body, 'bad');
}
