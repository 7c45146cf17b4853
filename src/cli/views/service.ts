import { describeAim } from '../../domain/rollout/narrate.ts';
import { describeRollbackSafety } from '../../domain/rollback/safety.ts';
import type { RollbackSafety } from '../../domain/rollback/verdict.ts';
import { formatEndpointUrl, formatRevisionName, shortenDigest } from '../../domain/service/revision.ts';
import { describePreview } from '../../domain/traffic/preview-address.ts';
import type { TargetObservation } from '../../domain/traffic/route.ts';
import { isLoopback } from '../../host/loopback.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import type { WarningKind } from '../../domain/service/warning.ts';
import type { RevisionStatus, ServiceStatus, ServiceView } from '../../domain/rollout/status.ts';
import { type Fact, facts, section } from './facts.ts';
import { describeContract } from '../../domain/migrations/contract.ts';
import { describeCohort } from '../../domain/traffic/cohort.ts';
import type { Frame } from './frame.ts';
import { renderRolloutTree, renderWait } from './rollout.ts';
import { REVISION_MARKS } from './symbols.ts';
import { type Cell, type Column, table } from './table.ts';
import { type Line, line, span, type Tone, wrap } from './text.ts';
import { age, ago, clock, moment, until } from './time.ts';
import { plural, position } from './words.ts';

/** Everything about a service on one screen, after `kubectl argo rollouts get rollout`. */
export function renderService(view: ServiceView, frame: Frame): Line[] {
  const { rollout } = view;
  return [
    ...facts(header(view, frame), frame),
    ...revisionLines(view, frame),
    ...(rollout ? [[], ...renderRolloutTree(rollout, frame), ...renderWait(rollout.wait, frame)] : []),
    ...renderWait(view.status.trouble, frame),
    ...queueLines(view, frame),
    ...quarantineLines(view, frame),
    ...contractLines(view, frame),
  ];
}

function header(view: ServiceView, frame: Frame): (Fact | undefined)[] {
  const { compact, now, symbols } = frame;
  const { rollout, route, status } = view;
  if (status.removedAt !== undefined) return removedHeader(view, status.removedAt, frame);
  return [
    { name: 'Service', value: formatServiceId(status.spec.service), tone: 'strong' },
    { name: 'Status', ...describeServiceState(view) },
    ...(view.warnings ?? []).map(({ text }) => ({ name: 'Warning', value: text, tone: 'bad' as const })),
    { name: 'Address', ...address(view) },
    route?.cohort && {
      name: 'Cohort',
      value: `${describeCohort(route.cohort)} go to ${formatRevisionName(route.cohort.revision)}`,
    },
    route?.preview && { name: 'Preview', value: describePreview(route.preview) },
    route
      ? undefined
      : { name: 'Router', value: 'gives no answer about this service; weights are unknown', tone: 'bad' },
    view.rollback && { name: 'Back', ...describeBack(view.rollback) },
    rollout && {
      name: 'By',
      value: `${rollout.actor}, ${ago(rollout.startedAt, now)}${rollout.endedAt === undefined ? '' : ` ${symbols.dot} ended ${ago(rollout.endedAt, now)}`}`,
    },
    rollout?.reason === undefined || compact ? undefined : { name: 'Why', value: rollout.reason },
    compact || status.revisions.length === 0
      ? undefined
      : { name: 'Logs', value: `supplant logs ${formatServiceId(status.spec.service)}`, tone: 'faint' },
    view.link === undefined || compact ? undefined : { name: 'Look', value: view.link, tone: 'faint' },
  ];
}

/** Nobody is served any more: what counts is what keeps it. */
function removedHeader({ status }: ServiceView, at: string, { now }: Frame): Fact[] {
  return [
    { name: 'Service', value: formatServiceId(status.spec.service), tone: 'strong' },
    { name: 'Status', value: `${describeRemoved(status)} (${ago(at, now)})`, tone: 'busy' },
  ];
}

function describeRemoved({ quarantine }: ServiceStatus): string {
  const { length } = quarantine;
  return `removed, but ${plural(length, 'stack')} ${length === 1 ? 'is' : 'are'} left`;
}

/** Whether it can be gone back, as far as that is known. */
function describeBack(rollback: RollbackSafety): { value: string; tone?: Tone } {
  const value = describeRollbackSafety(rollback);
  return rollback.verdict === 'not-proven'
    ? { value }
    : { value, tone: rollback.verdict === 'proven' ? 'good' : 'bad' };
}

/** One line for `status` and `list`: what runs, else what is live. */
export function describeServiceState({ status, rollout, warnings = [] }: ServiceView): { value: string; tone: Tone } {
  const [worst] = warnings;
  const warned = worst ? `, ${WARNED[worst.kind]}` : '';
  if (rollout && !rollout.outcome) {
    return { value: `${describeAim(rollout)} runs, phase ${position(rollout)}${warned}`, tone: worst ? 'bad' : 'busy' };
  }
  if (status.trouble) return { value: `${standingOf(status)}${warned}; its workflow is in trouble`, tone: 'bad' };
  if (status.removedAt !== undefined) return { value: describeRemoved(status), tone: 'busy' };
  if (status.live === undefined) return { value: standingOf(status), tone: 'bad' };
  const last =
    rollout?.outcome && rollout.outcome !== 'succeeded' ? `; rollout #${rollout.number} ${rollout.outcome}` : '';
  return { value: `${standingOf(status)}${warned}${last}`, tone: last === '' && !worst ? 'good' : 'bad' };
}

function standingOf({ live }: ServiceStatus): string {
  return live === undefined ? 'nothing is live' : `${formatRevisionName(live)} is live`;
}

/** A warning in a line that says something else besides. */
const WARNED: Record<WarningKind, string> = {
  unreachable: 'but answers nobody',
  degraded: 'but does not answer all',
  'no-route': 'but gets no traffic',
  port: 'but on another port',
  'route-changed': 'but with weights of somebody else',
  drift: 'but with drift',
  hold: 'and the latest release on hold',
};

function address({ route }: ServiceView): { value: string; tone: Tone } {
  if (!route) return { value: 'unknown', tone: 'faint' };
  const { address: at, listen } = route;
  // Who else than this machine can connect is not to be guessed.
  const isOpen = listen !== undefined && !isLoopback(listen);
  return { value: `${formatEndpointUrl(at)}${isOpen ? `, open at ${listen}` : ''}`, tone: 'accent' };
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
    { text: `${frame.symbols[symbol]} ${formatRevisionName(revision.number)}`, tone },
    { text: revision.state, tone },
    target ? `${target.weight} %` : none,
    target?.inFlight === undefined ? none : String(target.inFlight),
    age(revision.since, frame.now),
    shortenDigest(revision.artifact),
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
  const { served: begun = 0, failed = 0 } = target ?? {};
  const served = begun > 0 ? [`${begun} served`] : [];
  const lost = failed > 0 ? [`${failed} not answered`] : [];
  const bad = revision.bad ? ['marked bad'] : [];
  const copy =
    revision.copyOf === undefined ? [] : [`baseline, a fresh copy of ${formatRevisionName(revision.copyOf)}`];
  const notes = [...copy, ...revision.endpoints, ...kept, ...bad, ...served, ...lost];
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
    describeAim(queued),
    age(queued.queuedAt, now),
    queued.actor,
    shortenDigest(queued.artifact ?? ''),
  ]);
  return section(`Queue: ${plural(status.queue.length, 'rollout')}, in this order`, table(columns, rows, width));
}

/** What is taken away once nobody goes back any more. */
function contractLines({ status }: ServiceView, { now, width }: Frame): Line[] {
  const body = (status.contracts ?? []).flatMap((contract) =>
    wrap(
      describeContract(contract, (at) => moment(at, now)),
      width - 4,
    ).map((text) => line('  ', span(text, contract.state === 'begun' ? 'busy' : 'plain'))),
  );
  return section('Migrations', body);
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
