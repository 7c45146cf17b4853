import { describeFinding, formatAcknowledgeCommand } from '../../domain/drift/words.ts';
import type { DriftState } from '../../domain/drift/state.ts';
import type { DriftReport, DriftView } from '../../domain/drift/view.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import { facts } from './facts.ts';
import type { Frame } from './frame.ts';
import { DRIFT_MARKS } from './symbols.ts';
import { type Line, type Tone, line, span, wrap } from './text.ts';
import { moment } from './time.ts';
import { plural } from './words.ts';

/** What needs a person comes first. */
const ORDER: DriftState[] = ['drifted', 'unknown', 'acknowledged', 'none'];

/** How live and warm stacks stand. */
export function renderDrift({ stacks, trouble }: DriftReport, frame: Frame): Line[] {
  const drifted = stacks.filter(({ state }) => state === 'drifted').length;
  const sum = stacks.length === 0 ? 'none is live or warm' : `${plural(stacks.length, 'stack')}, ${drifted} drifted`;
  return [
    ...facts(
      [
        { name: 'Stacks', value: sum, tone: drifted > 0 ? 'bad' : 'good' },
        trouble === undefined ? undefined : { name: 'Trouble', value: trouble, tone: 'bad' },
      ],
      frame,
    ),
    ...ORDER.flatMap((state) =>
      stacks.filter((stack) => stack.state === state).flatMap((stack) => [[], ...stackLines(stack, frame)]),
    ),
  ];
}

function stackLines(view: DriftView, { now, symbols, width }: Frame): Line[] {
  const { service, revision, isLive, state, blocks, findings, since, lookedAt, trouble, acknowledged } = view;
  const [symbol, tone] = DRIFT_MARKS[state];
  const below = (text: string, of: Tone = 'plain'): Line[] =>
    wrap(text, width - 2).map((part) => line('  ', span(part, of)));
  const notes = [
    lookedAt === undefined ? 'not looked at yet' : `looked at ${moment(lookedAt, now)}`,
    ...(since === undefined ? [] : [`drift since ${moment(since, now)}`]),
    ...(blocks && state !== 'none' && state !== 'acknowledged' ? ['blocks rollouts'] : []),
  ];
  return [
    line(
      span(`${symbols[symbol]} `, tone),
      span(`${formatServiceId(service)} ${formatRevisionName(revision)}`, 'strong'),
      span(`  ${WORDS[state]}`, tone),
      span(isLive ? '  live' : '  warm', 'faint'),
    ),
    ...below(notes.join(` ${symbols.dot} `), 'faint'),
    ...(trouble ? below(`could not be looked at since ${moment(trouble.since, now)}: ${trouble.because}`, 'bad') : []),
    ...findings.flatMap((finding) => below(describeFinding(finding), finding.isAcknowledged ? 'plain' : 'bad')),
    ...(acknowledged
      ? below(`acknowledged by ${acknowledged.by} ${moment(acknowledged.at, now)}: ${acknowledged.reason}`)
      : []),
    ...(state === 'drifted' ? below(`may it stay? ${formatAcknowledgeCommand(view)}`, 'accent') : []),
  ];
}

const WORDS: Record<DriftState, string> = {
  none: 'as it was made',
  drifted: 'drifted',
  acknowledged: 'drifted, acknowledged',
  unknown: 'unknown',
};
