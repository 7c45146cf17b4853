import { formatExperimentId } from '../../../domain/experiment/experiment.ts';
import {
  formatRunName,
  RUN_PHASES,
  type RunOutcome,
  type RunPhaseStatus,
  type RunStatus,
  type RunVariant,
} from '../../../domain/experiment/run.ts';
import type { RunView } from '../../../domain/experiment/view.ts';
import { formatEndpointUrl, formatRevisionName, shortenDigest } from '../../../domain/service/revision.ts';
import { formatServiceId } from '../../../domain/service/service.ts';
import { facts } from '../facts.ts';
import type { Frame } from '../frame.ts';
import { renderWait } from '../rollout.ts';
import { type Mark, PHASE_MARKS, RUN_OUTCOME_MARKS, VARIANT_MARKS } from '../symbols.ts';
import { type Cell, type Column, table } from '../table.ts';
import { type Line, line, pad, span, wrap } from '../text.ts';
import { ago, between, moment } from '../time.ts';

/** A run on a screen of its own. */
export function renderRun({ status, uiLink }: RunView, frame: Frame): Line[] {
  const { actor, deadlineAt, endedAt, outcome, reason, startedAt } = status;
  return [
    ...facts(
      [
        { name: 'Run', value: formatRunName(status), tone: 'strong' },
        { name: 'By', value: `${describeTrigger({ actor, trigger: status.trigger })}, ${ago(startedAt, frame.now)}` },
        reason === undefined ? undefined : { name: 'Why', value: reason },
        outcome === undefined
          ? { name: 'Deadline', value: `${moment(deadlineAt, frame.now)}; everything is destroyed then` }
          : { name: 'Ended', value: moment(endedAt ?? startedAt, frame.now) },
        uiLink === undefined || frame.compact ? undefined : { name: 'Look', value: uiLink, tone: 'faint' },
      ],
      frame,
    ),
    [],
    ...renderRunTree(status, frame),
  ];
}

/** `◌ run 12  4 of 7: probe, 42s`, then why it ended so, its variants, its phases, and what it waits for. */
export function renderRunTree(status: RunStatus, frame: Frame): Line[] {
  const { because, outcome, phases, wait } = status;
  const tone = outcome === undefined || outcome === 'succeeded' ? 'plain' : 'bad';
  return [
    renderRunTitle(status, frame),
    ...(because === undefined ? [] : wrap(because, frame.width - 3).map((text) => line('  ', span(text, tone)))),
    ...(outcome === 'skipped'
      ? []
      : phases.map((phase, index) => phaseLine(phase, frame, index === phases.length - 1))),
    ...variantLines(status, frame),
    ...renderWait(wait, frame),
  ];
}

export function renderRunTitle(status: RunStatus, { now, symbols }: Frame): Line {
  const [symbol, tone] = markOfRun(status.outcome);
  const took = between(status.startedAt, status.endedAt ?? now);
  return line(
    span(`${symbols[symbol]} `, tone),
    span(`run ${status.run}`, 'strong'),
    '  ',
    span(describeRunState(status, took), tone),
  );
}

/** `probe, 42s`; `failed after 3m05s`; a run that was skipped took no time. */
export function describeRunState({ outcome, phase }: RunStatus, took: string): string {
  if (outcome === 'skipped') return 'skipped: it did not take place';
  if (outcome !== undefined) return `${outcome} after ${took}`;
  return `${RUN_PHASES.indexOf(phase) + 1} of ${RUN_PHASES.length}: ${phase}, ${took}`;
}

export function markOfRun(outcome: RunOutcome | undefined): Mark {
  return outcome === undefined ? PHASE_MARKS.running : RUN_OUTCOME_MARKS[outcome];
}

/** Who or what made a run begin. */
export function describeTrigger({ actor, trigger }: Pick<RunStatus, 'actor' | 'trigger'>): string {
  switch (trigger) {
    case 'schedule':
      return 'its schedule';
    case 'backfill':
      return `a backfill of ${actor}`;
    case 'person':
      return actor;
  }
}

const PHASE_CELLS = 'provision'.length;
const TIME_CELLS = 6;

function phaseLine(phase: RunPhaseStatus, { now, symbols }: Frame, isLast: boolean): Line {
  const [symbol, tone] = PHASE_MARKS[phase.state];
  const took = phase.startedAt === undefined ? '' : between(phase.startedAt, phase.endedAt ?? now);
  const quiet = phase.state === 'pending' || phase.state === 'skipped';
  return line(
    span(isLast ? symbols.last : symbols.branch, 'faint'),
    span(`${symbols[symbol]} `, tone),
    span(pad(phase.phase, PHASE_CELLS), quiet ? 'faint' : 'plain'),
    span(` ${pad(took, TIME_CELLS, 'left')}  `, 'faint'),
    span(
      phase.note ?? (phase.state === 'skipped' ? 'skipped' : ''),
      phase.state === 'failed' ? 'bad' : quiet ? 'faint' : 'plain',
    ),
  );
}

const VARIANTS: Column[] = [
  { title: 'VARIANT' },
  { title: 'STATE' },
  { title: 'ADDRESS', rank: 1 },
  { title: 'LIKE', rank: 2 },
  { title: 'ARTIFACT', rank: 3 },
];

function variantLines({ variants }: RunStatus, frame: Frame): Line[] {
  const rows = variants.map((variant): Cell[] => {
    const [symbol, tone] = VARIANT_MARKS[variant.state];
    const { like } = variant;
    return [
      { text: `${frame.symbols[symbol]} ${variant.name}`, tone },
      { text: variant.state, tone },
      addressOf(variant),
      like === undefined ? '' : `${formatServiceId(like.service)} ${formatRevisionName(like.revision)}`,
      shortenDigest(variant.artifact),
    ];
  });
  return rows.length === 0 ? [] : [[], ...table(VARIANTS, rows, frame.width)];
}

/** Where people look at it: through the router, else at one of its processes. */
function addressOf({ address, endpoints, state }: RunVariant): string {
  if (state === 'gone') return '';
  const [first] = endpoints;
  const shown = address ?? first;
  return shown === undefined ? '' : formatEndpointUrl(shown);
}

/** `nightly 12`: how the run is named in a command. */
export function commandWords({ experiment, run }: RunStatus): string {
  return `${formatExperimentId(experiment)} ${run}`;
}
