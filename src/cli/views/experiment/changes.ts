import { formatRunName, type RunPhaseStatus, type RunStatus } from '../../../domain/experiment/run.ts';
import { shortenDigest } from '../../../domain/service/revision.ts';
import type { Frame } from '../frame.ts';
import { PHASE_MARKS } from '../symbols.ts';
import { type Line, line, span, type Tone } from '../text.ts';
import { between, clock } from '../time.ts';
import { describeTrigger, markOfRun } from './run.ts';

/** What is new since an earlier look, one plain line each: for logs and pipes. */
export function renderRunChanges(before: RunStatus | undefined, after: RunStatus, frame: Frame): Line[] {
  const known = before?.run === after.run ? before : undefined;
  const { now, symbols } = frame;
  const at = (moment: string, text: string, tone: Tone = 'plain'): Line =>
    line(span(`${clock(moment, now)} `, 'faint'), `@${after.run} `, span(text, tone));
  const { outcome, wait } = after;
  const [symbol, tone] = markOfRun(outcome);
  const took = outcome === 'skipped' ? '' : ` after ${between(after.startedAt, after.endedAt ?? now)}`;
  return [
    ...(known ? [] : [at(after.startedAt, `${formatRunName(after)} begins, asked for by ${describeTrigger(after)}`)]),
    ...after.phases.flatMap((phase) => {
      const same = known?.phases.find((other) => other.phase === phase.phase);
      // Notes of a running phase may change with every look.
      return same?.state === phase.state ? [] : phaseChange(phase, frame, at);
    }),
    ...after.variants.flatMap((variant) => {
      const same = known?.variants.find(({ name }) => name === variant.name);
      if (same?.state === variant.state || (!known && variant.state === 'leased')) return [];
      return [
        at(now.toISOString(), `${variant.name} is ${variant.state}: ${shortenDigest(variant.artifact)}`, 'faint'),
      ];
    }),
    ...(wait && wait.on !== known?.wait?.on
      ? [at(wait.since, `waits for ${wait.on}; ended by ${wait.endedBy}; then ${wait.then}`, 'busy')]
      : []),
    ...(known && known.deadlineAt !== after.deadlineAt
      ? [at(now.toISOString(), `lasts until ${clock(after.deadlineAt, now)}`)]
      : []),
    ...(outcome !== undefined && known?.outcome === undefined
      ? [
          at(
            after.endedAt ?? now.toISOString(),
            `${symbols[symbol]} ${outcome}${took}${after.because === undefined ? '' : `: ${after.because}`}`,
            tone,
          ),
        ]
      : []),
  ];
}

function phaseChange(
  phase: RunPhaseStatus,
  { now, symbols }: Frame,
  at: (moment: string, text: string, tone?: Tone) => Line,
): Line[] {
  if (phase.state === 'pending' || (phase.state === 'skipped' && phase.note === undefined)) return [];
  const [symbol, tone] = PHASE_MARKS[phase.state];
  const took =
    phase.startedAt !== undefined && phase.endedAt !== undefined ? ` (${between(phase.startedAt, phase.endedAt)})` : '';
  const note = phase.note === undefined ? '' : `: ${phase.note}`;
  const moment = phase.endedAt ?? phase.startedAt ?? now.toISOString();
  return [at(moment, `${symbols[symbol]} ${phase.phase}${took}${note}`, tone)];
}
