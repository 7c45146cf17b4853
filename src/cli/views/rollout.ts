import type { Verdict } from '../../domain/checks.ts';
import type { Wait } from '../../domain/rollout.ts';

import { serviceId } from '../../domain/service.ts';
import type { PhaseStatus, RolloutStatus } from '../../domain/status.ts';
import { facts } from './facts.ts';
import type { Frame } from './frame.ts';
import { OUTCOME_MARKS, PHASE_MARKS, VERDICT_MARKS } from './symbols.ts';
import { type Line, line, pad, type Span, span, wrap } from './text.ts';
import { ago, between, clock, until } from './time.ts';
import { aim, artifactLabel, position } from './words.ts';

/** One rollout on a screen of its own. */
export function rolloutView(rollout: RolloutStatus, frame: Frame, link?: string): Line[] {
  return [
    ...facts(
      [
        { name: 'Service', value: serviceId(rollout.service), tone: 'strong' },
        ...(rollout.artifact === undefined ? [] : [{ name: 'Artifact', value: artifactLabel(rollout.artifact) }]),
        { name: 'By', value: `${rollout.actor}, ${ago(rollout.startedAt, frame.now)}` },
        ...(rollout.reason === undefined ? [] : [{ name: 'Why', value: rollout.reason }]),
        ...(link === undefined ? [] : [{ name: 'Look', value: link, tone: 'faint' as const }]),
      ],
      frame,
    ),
    [],
    ...rolloutTree(rollout, frame),
    ...waitLines(rollout.wait, frame),
  ];
}

/** `✖ rollout #12, deploy of r17: failed after 8.2s`, then its phases, verdicts and why it ended so. */
export function rolloutTree(rollout: RolloutStatus, frame: Frame): Line[] {
  return [rolloutTitle(rollout, frame), ...becauseLines(rollout, frame), ...phaseLines(rollout, frame)];
}

export function rolloutTitle(rollout: RolloutStatus, { now, symbols }: Frame): Line {
  const name = `rollout #${rollout.number}, ${aim(rollout)}`;
  const [symbol, tone] = rollout.outcome ? OUTCOME_MARKS[rollout.outcome] : PHASE_MARKS.running;
  const took = between(rollout.startedAt, rollout.endedAt ?? now);
  const state = rollout.outcome ? `${rollout.outcome} after ${took}` : `${position(rollout)}, ${took}`;
  return line(span(`${symbols[symbol]} `, tone), span(name, 'strong'), '  ', span(state, tone));
}

/** In a compact view only its beginning; `why` tells all of it. */
const COMPACT_BECAUSE = 2;

function becauseLines({ because }: RolloutStatus, { compact, symbols, width }: Frame): Line[] {
  if (because === undefined) return [];
  const lines = wrap(because, width - 3);
  const shown = compact ? lines.slice(0, COMPACT_BECAUSE) : lines;
  return shown.map((text, index) => {
    const more = index === shown.length - 1 && shown.length < lines.length ? symbols.ellipsis : '';
    return line('  ', span(text + more, 'bad'));
  });
}

function phaseLines(rollout: RolloutStatus, frame: Frame): Line[] {
  const { phases } = rollout;
  return phases.flatMap((phase, index) => {
    const isLast = index === phases.length - 1;
    const below = isLast ? '   ' : frame.symbols.pipe;
    const checks = verdictLines(verdictsOf(phase, rollout, frame), frame, below);
    return [phaseLine(phase, frame, isLast), ...checks];
  });
}

/** Those found while the phase ran: checks are carried out before the shift, and again during the bake. */
function verdictsOf({ phase }: PhaseStatus, { phases, verdicts }: RolloutStatus, { compact }: Frame): Verdict[] {
  const bakeBegan = phases.find((one) => one.phase === 'bake')?.startedAt;
  const found = verdicts.filter(
    ({ from }) => phase === (bakeBegan !== undefined && bakeBegan <= from ? 'bake' : 'validate'),
  );
  return compact ? found.filter(notPassed) : found;
}

function notPassed({ verdict }: Verdict): boolean {
  return verdict !== 'pass';
}

const PHASE_CELLS = 'provision'.length;
const TIME_CELLS = 6;

function phaseLine(phase: PhaseStatus, { now, symbols }: Frame, isLast: boolean): Line {
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

/** A line for each check; evidence in full where it did not pass. */
export function verdictLines(verdicts: readonly Verdict[], frame: Frame, indent: string): Line[] {
  const { symbols, width } = frame;
  return verdicts.flatMap((verdict, index) => {
    const isLast = index === verdicts.length - 1;
    const title = verdictTitle(verdict, frame);
    const start = span(indent + (isLast ? symbols.last : symbols.branch), 'faint');
    if (verdict.verdict === 'pass') return [line(start, ...title, span(`  ${verdict.evidence}`, 'faint'))];
    const below = span(`${indent}${isLast ? '   ' : symbols.pipe}  `, 'faint');
    return [
      line(start, ...title),
      ...wrap(verdict.evidence, width - below.text.length).map((text) => line(below, span(text, 'bad'))),
    ];
  });
}

function verdictTitle(verdict: Verdict, { symbols }: Frame): Span[] {
  const [symbol, tone] = VERDICT_MARKS[verdict.verdict];
  const counts = `${verdict.verdict}, ${verdict.passed} of ${verdict.attempts} passed`;
  return [span(`${symbols[symbol]} `, tone), span(verdict.check), span(`  ${counts}`, tone)];
}

/** What it waits for, since when, until when, who can end it and what then (invariant 7). */
export function waitLines(wait: Wait | undefined, { compact, now, width }: Frame): Line[] {
  if (!wait) return [];
  const title = `Waiting for ${wait.on}`;
  const limit =
    wait.until === undefined ? 'without a limit' : `until ${clock(wait.until, now)} (${until(wait.until, now)})`;
  const details = [
    `since ${clock(wait.since, now)} (${ago(wait.since, now)}), ${limit}`,
    `ended by ${wait.endedBy}`,
    `then ${wait.then}`,
  ];
  if (compact) return wrap(`${title} ${details.join('; ')}`, width).map((part) => line(span(part, 'busy')));
  const indented = details.flatMap((detail) => wrap(detail, width - 2).map((part) => line(`  ${part}`)));
  return [[], ...wrap(title, width).map((part) => line(span(part, 'busy'))), ...indented];
}
