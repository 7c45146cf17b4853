import { formatRevisionName, shortenDigest } from '../../domain/service/revision.ts';
import { describeAim } from '../../domain/rollout/narrate.ts';
import type { RolloutVerdict, Verdict } from '../../domain/evidence/checks.ts';
import { formatHookPoint } from '../../domain/hooks/hook.ts';
import { type HookReport, describeHookStatus } from '../../domain/hooks/report.ts';
import { describeQuestion } from '../../domain/evidence/metrics.ts';
import type { Wait } from '../../domain/rollout/rollout.ts';

import { formatServiceId } from '../../domain/service/service.ts';
import type { PhaseStatus, RolloutStatus, StepStatus } from '../../domain/rollout/status.ts';
import { type GateStatus, describeGateStatus } from '../../domain/gates/status.ts';
import { formatDuration } from '../../config/duration.ts';
import { type ActivityState, describeActivity } from '../../domain/rollout/pending-activity.ts';
import { describeExposure } from '../../domain/rollout/exposure.ts';
import { describeShare } from '../../domain/rollout/plan.ts';
import { answerVerbNow } from '../../domain/rollout/verbs.ts';
import { facts } from './facts.ts';
import type { Frame } from './frame.ts';
import { OUTCOME_MARKS, PHASE_MARKS, VERDICT_MARKS } from './symbols.ts';
import { type Line, line, pad, type Span, span, type Tone, wrap } from './text.ts';
import { ago, between, clock, moment, until } from './time.ts';
import { position } from './words.ts';

/** One rollout on a screen of its own. */
export function renderRollout(rollout: RolloutStatus, frame: Frame, link?: string): Line[] {
  return [
    ...facts(
      [
        { name: 'Service', value: formatServiceId(rollout.service), tone: 'strong' },
        ...(rollout.artifact === undefined ? [] : [{ name: 'Artifact', value: shortenDigest(rollout.artifact) }]),
        { name: 'By', value: `${rollout.actor}, ${ago(rollout.startedAt, frame.now)}` },
        ...(rollout.reason === undefined ? [] : [{ name: 'Why', value: rollout.reason }]),
        ...(link === undefined ? [] : [{ name: 'Look', value: link, tone: 'faint' as const }]),
      ],
      frame,
    ),
    [],
    ...renderRolloutTree(rollout, frame),
    ...renderWait(rollout.wait, frame),
  ];
}

/** `✖ rollout #12, deploy of r17: failed after 8.2s`, then its phases, verdicts and why it ended so. */
export function renderRolloutTree(rollout: RolloutStatus, frame: Frame): Line[] {
  return [
    renderRolloutTitle(rollout, frame),
    ...becauseLines(rollout, frame),
    ...glassLines(rollout, frame),
    ...gateLines(rollout, frame),
    ...exposureLines(rollout, frame),
    ...phaseLines(rollout, frame),
  ];
}

export function renderRolloutTitle(rollout: RolloutStatus, { now, symbols }: Frame): Line {
  const name = `rollout #${rollout.number}, ${describeAim(rollout)}`;
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

/** Shouted: what others have agreed on was passed. */
function glassLines({ breakGlass }: RolloutStatus, { width }: Frame): Line[] {
  if (!breakGlass) return [];
  const text = `BREAK-GLASS by ${breakGlass.actor}: ${breakGlass.reason}`;
  return wrap(text, width - 3).map((part) => line('  ', span(part, 'bad')));
}

const GATE_TONES: Record<GateStatus['state'], Tone> = {
  waiting: 'busy',
  open: 'faint',
  expired: 'bad',
  refused: 'bad',
  skipped: 'bad',
};

/** The gates that it has come to; in a compact view those that hold it, of which the wait tells. */
function gateLines({ gates = [] }: RolloutStatus, { compact, width }: Frame): Line[] {
  if (compact) return [];
  return gates.flatMap((gate) =>
    wrap(describeGateStatus(gate), width - 3).map((part) => line('  ', span(part, GATE_TONES[gate.state]))),
  );
}

/** What it cost, where it was undone; what it was, where several steps kept that small. */
function exposureLines({ exposure, plan, outcome, steps }: RolloutStatus, { width }: Frame): Line[] {
  if (!exposure || (outcome === 'succeeded' && steps.length < 2)) return [];
  const text = `exposure: ${describeExposure(exposure, plan)}`;
  return wrap(text, width - 3).map((part) => line('  ', span(part, 'faint')));
}

function phaseLines(rollout: RolloutStatus, frame: Frame): Line[] {
  const { phases } = rollout;
  return phases.flatMap((phase, index) => {
    const isLast = index === phases.length - 1;
    const below = isLast ? '   ' : frame.symbols.pipe;
    const plan = phase.phase === 'shift' && rollout.steps.length > 1 ? planLines(rollout.steps, frame, below) : [];
    const checks = renderVerdicts(verdictsOf(phase, rollout, frame), frame, below, rollout.baseline);
    const activities = phase.state === 'running' ? activityLines(rollout, frame, below) : [];
    const hooks = hookLines(phase, rollout, frame, below);
    return [phaseLine(phase, frame, isLast), ...plan, ...checks, ...hooks, ...activities];
  });
}

/** A line for each hook of the phase, its reason below; in a compact view of those that did not succeed. */
function hookLines({ phase }: PhaseStatus, { hooks = [] }: RolloutStatus, frame: Frame, indent: string): Line[] {
  const { compact, symbols, width } = frame;
  const own = hooks.filter((hook) => hook.phase === phase && !(compact && hook.status === 'succeeded'));
  return own.flatMap((hook, index) => {
    const isLast = index === own.length - 1;
    const start = span(indent + (isLast ? symbols.last : symbols.branch), 'faint');
    const below = span(`${indent}${isLast ? '   ' : symbols.pipe}  `, 'faint');
    const [symbol, tone] = markHook(hook);
    const step = hook.step === undefined ? '' : ` of step ${hook.step}`;
    const title = `hook ${hook.name}  ${formatHookPoint(hook)}${step}: ${describeHookStatus(hook)}`;
    const reason = hook.reason === undefined ? [] : wrap(hook.reason, width - below.text.length);
    return [
      line(start, span(`${symbols[symbol]} `, tone), span(title)),
      ...reason.map((text) => line(below, span(text, tone))),
    ];
  });
}

function markHook({ status, isIgnored, isTold }: HookReport): (typeof PHASE_MARKS)[PhaseStatus['state']] {
  if (status === 'succeeded') return PHASE_MARKS.done;
  if (status === 'failed' || status === 'unanswered')
    return isIgnored || isTold ? PHASE_MARKS.skipped : PHASE_MARKS.failed;
  return PHASE_MARKS.running;
}

/** Of a plan of several steps, those of the step that runs, or of the last one that was judged. */
function verdictsOf({ phase }: PhaseStatus, rollout: RolloutStatus, { compact }: Frame): RolloutVerdict[] {
  const asked = rollout.verdicts.filter((verdict) => verdict.phase === phase);
  const running = rollout.steps.find(({ state }) => state === 'running')?.number;
  const step = phase === 'bake' && running !== undefined ? running : asked.at(-1)?.step;
  const found = asked.filter((verdict) => verdict.step === step);
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

/** A fine ramp has up to a hundred steps. Of more than this those are shown that count now, and the last one. */
const MOST_STEPS_SHOWN = 12;
const STEPS_AROUND = 2;

function pickSteps(steps: readonly StepStatus[], { compact }: Frame): readonly StepStatus[] {
  const current = steps.find(({ state }) => state === 'running' || state === 'failed');
  if (compact) return steps.filter((step) => step === current);
  if (steps.length <= MOST_STEPS_SHOWN) return steps;
  const { number } = current ?? steps.findLast(({ state }) => state !== 'pending') ?? { number: 1 };
  return steps.filter((step) => Math.abs(step.number - number) <= STEPS_AROUND || step.number === steps.length);
}

/** A line for each step of a plan that has several; in a compact view the one that counts now. */
function planLines(steps: readonly StepStatus[], frame: Frame, indent: string): Line[] {
  const { now, symbols } = frame;
  const shown = pickSteps(steps, frame);
  return shown.map((step, index) => {
    const [symbol, tone] = PHASE_MARKS[step.state];
    const start = span(indent + (index === shown.length - 1 ? symbols.last : symbols.branch), 'faint');
    const took = step.startedAt === undefined ? '' : `, ${between(step.startedAt, step.endedAt ?? now)}`;
    const bake = step.bakeMs === 0 ? '' : `, bake ${formatDuration(step.bakeMs)}`;
    const text = `step ${step.number} of ${steps.length}: ${describeShare(step)}${bake}${took}`;
    return line(start, span(`${symbols[symbol]} `, tone), span(text), span(step.note ? `  ${step.note}` : '', 'faint'));
  });
}

/**
 * A line for each check; evidence in full where it did not pass.
 *
 * @param baseline whose checks are told apart, where there are any
 */
export function renderVerdicts(verdicts: readonly Verdict[], frame: Frame, indent: string, baseline?: number): Line[] {
  const { symbols, width } = frame;
  return verdicts.flatMap((verdict, index) => {
    const isLast = index === verdicts.length - 1;
    const title = verdictTitle(verdict, frame, baseline);
    const start = span(indent + (isLast ? symbols.last : symbols.branch), 'faint');
    const below = span(`${indent}${isLast ? '   ' : symbols.pipe}  `, 'faint');
    const write = (text: string, tone: Tone): Line[] =>
      wrap(text, width - below.text.length).map((part) => line(below, span(part, tone)));
    const question = describeQuestion(verdict);
    const asked = question === undefined ? [] : write(question, 'faint');
    if (verdict.verdict === 'pass') return [line(start, ...title, span(`  ${verdict.evidence}`, 'faint')), ...asked];
    return [line(start, ...title), ...write(verdict.evidence, 'bad'), ...asked];
  });
}

const ACTIVITY_TONES: Record<ActivityState, Tone> = {
  running: 'faint',
  waiting: 'busy',
  retrying: 'bad',
  paused: 'busy',
};

/** What it carries out, each with what it saw or why it does not go on; in a compact view only the latter. */
function activityLines(rollout: RolloutStatus, { compact, now, symbols, width }: Frame, indent: string): Line[] {
  const { activities = [] } = rollout;
  const isAbortable = answerVerbNow('abort', rollout).legal;
  const shown = compact ? activities.filter(({ state }) => state !== 'running') : activities;
  return shown.flatMap((activity, index) => {
    const isLast = index === shown.length - 1;
    const below = span(`${indent}${isLast ? '   ' : symbols.pipe}`, 'faint');
    const text = describeActivity(activity, (time) => moment(time, now), isAbortable);
    return wrap(text, width - below.text.length).map((part, row) =>
      line(
        row === 0 ? span(indent + (isLast ? symbols.last : symbols.branch), 'faint') : below,
        span(part, ACTIVITY_TONES[activity.state]),
      ),
    );
  });
}

function verdictTitle(verdict: Verdict, { symbols }: Frame, baseline: number | undefined): Span[] {
  const [symbol, tone] = VERDICT_MARKS[verdict.verdict];
  // What is counted rather than attempted (restarts, for one) may have happened not once.
  const counts =
    verdict.attempts === 0 ? verdict.verdict : `${verdict.verdict}, ${verdict.passed} of ${verdict.attempts} passed`;
  const dry = verdict.isDryRun ? [span('  dry run', 'busy')] : [];
  const of = verdict.revision === baseline ? ` of ${formatRevisionName(baseline)}, the baseline` : '';
  return [span(`${symbols[symbol]} `, tone), span(verdict.check + of), span(`  ${counts}`, tone), ...dry];
}

/** What it waits for, since when, until when, who can end it and what then (invariant 7). */
export function renderWait(wait: Wait | undefined, { compact, now, width }: Frame): Line[] {
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
