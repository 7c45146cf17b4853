import { formatHookPoint } from '../../domain/hooks/hook.ts';
import { describeHookStatus } from '../../domain/hooks/report.ts';
import { shortenDigest } from '../../domain/service/revision.ts';
import { describeAim } from '../../domain/rollout/narrate.ts';
import type { RolloutStatus, ServiceView } from '../../domain/rollout/status.ts';
import { type PendingActivity, describeActivity } from '../../domain/rollout/pending-activity.ts';
import { answerVerbNow } from '../../domain/rollout/verbs.ts';
import { OUTCOME_MARKS, PHASE_MARKS, VERDICT_MARKS } from './symbols.ts';
import { type Line, line, span, type Tone } from './text.ts';
import type { Frame } from './frame.ts';
import { between, clock } from './time.ts';

/** What is new since an earlier look, one plain line each: for logs and pipes. */
export function renderRolloutChanges(before: RolloutStatus | undefined, after: RolloutStatus, frame: Frame): Line[] {
  const known = before?.number === after.number ? before : undefined;
  return [
    ...(known
      ? []
      : [
          entry(
            frame,
            after.startedAt,
            after,
            `${describeAim(after)} begins${after.artifact === undefined ? '' : `: ${shortenDigest(after.artifact)}`}`,
          ),
        ]),
    ...after.phases.flatMap((phase) => {
      const same = known?.phases.find((other) => other.phase === phase.phase);
      // Notes of a running phase may change with every look.
      return same?.state === phase.state ? [] : phaseChange(after, phase, frame);
    }),
    ...after.verdicts.slice(known?.verdicts.length ?? 0).map((verdict) => {
      const [symbol, tone] = VERDICT_MARKS[verdict.verdict];
      return entry(
        frame,
        verdict.to,
        after,
        `${frame.symbols[symbol]} check ${verdict.check}: ${verdict.verdict}; ${verdict.evidence}`,
        tone,
      );
    }),
    ...hookChanges(known, after, frame),
    ...(known?.paused !== after.paused && after.paused
      ? [entry(frame, frame.now.toISOString(), after, 'paused', 'busy')]
      : []),
    ...(after.wait && after.wait.on !== known?.wait?.on
      ? [
          entry(
            frame,
            after.wait.since,
            after,
            `waits for ${after.wait.on}; ended by ${after.wait.endedBy}; then ${after.wait.then}`,
            'busy',
          ),
        ]
      : []),
    ...activityChanges(known, after, frame),
    ...(after.outcome && !known?.outcome ? [ending(after, frame)] : []),
  ];
}

/** Hooks that have said something else since. */
function hookChanges(known: RolloutStatus | undefined, after: RolloutStatus, frame: Frame): Line[] {
  return (after.hooks ?? []).flatMap((hook) => {
    const before = known?.hooks?.find(({ name }) => name === hook.name);
    if (hook.status === undefined || (before?.status === hook.status && before.step === hook.step)) return [];
    const step = hook.step === undefined ? '' : ` of step ${hook.step}`;
    const said = hook.reason === undefined ? '' : `; ${hook.reason}`;
    const text = `hook ${hook.name}, ${formatHookPoint(hook)}${step}: ${describeHookStatus(hook)}${said}`;
    return [entry(frame, hook.answeredAt ?? hook.startedAt, after, text, hook.status === 'failed' ? 'bad' : 'plain')];
  });
}

/** Steps that wait for a worker or are tried again; those that run only where what they last saw is new. */
function activityChanges(
  before: RolloutStatus | undefined,
  { activities = [], ...after }: RolloutStatus,
  frame: Frame,
): Line[] {
  const isAbortable = answerVerbNow('abort', after).legal;
  return activities
    .filter((activity) => {
      const same = before?.activities?.find(({ name }) => name === activity.name);
      if (activity.state === 'running')
        return activity.name !== 'bake' && activity.latest !== undefined && !saw(same, activity);
      return same?.state !== activity.state || same.lastError !== activity.lastError;
    })
    .map((activity) =>
      entry(
        frame,
        frame.now.toISOString(),
        after,
        describeActivity(activity, (time) => clock(time, frame.now), isAbortable),
        activity.state === 'running' ? 'faint' : 'busy',
      ),
    );
}

/** Whether what an activity tells now differs in nothing but its figures: a log need not have a line for each attempt. */
function saw(before: PendingActivity | undefined, { latest }: PendingActivity): boolean {
  const bare = (text = ''): string => text.replace(/\d+/g, '#');
  return before !== undefined && bare(before.latest) === bare(latest);
}

function phaseChange(rollout: RolloutStatus, phase: RolloutStatus['phases'][number], frame: Frame): Line[] {
  if (phase.state === 'pending' || (phase.state === 'skipped' && phase.note === undefined)) return [];
  const [symbol, tone] = PHASE_MARKS[phase.state];
  const took =
    phase.startedAt !== undefined && phase.endedAt !== undefined ? ` (${between(phase.startedAt, phase.endedAt)})` : '';
  const note = phase.note === undefined ? '' : `: ${phase.note}`;
  const at = phase.endedAt ?? phase.startedAt ?? frame.now.toISOString();
  return [entry(frame, at, rollout, `${frame.symbols[symbol]} ${phase.phase}${took}${note}`, tone)];
}

function ending(rollout: RolloutStatus, frame: Frame): Line {
  const [symbol, tone] = rollout.outcome ? OUTCOME_MARKS[rollout.outcome] : PHASE_MARKS.running;
  const because = rollout.because === undefined ? '' : `: ${rollout.because}`;
  const at = rollout.endedAt ?? frame.now.toISOString();
  const took = between(rollout.startedAt, at);
  return entry(frame, at, rollout, `${frame.symbols[symbol]} ${rollout.outcome ?? ''} after ${took}${because}`, tone);
}

/** Changes of a service beyond its rollout: what is live, queued, or waits to be destroyed. */
export function renderServiceChanges(before: ServiceView | undefined, after: ServiceView, frame: Frame): Line[] {
  const rollout = after.rollout ? renderRolloutChanges(before?.rollout, after.rollout, frame) : [];
  const queued = after.status.queue.filter(
    ({ number }) => !before?.status.queue.some((known) => known.number === number),
  );
  const stuck = after.status.quarantine.filter(
    ({ stack }) => !before?.status.quarantine.some((known) => known.stack === stack),
  );
  const weights = weightsOf(after);
  return [
    ...rollout,
    ...queued.map((one) => entry(frame, one.queuedAt, one, `${describeAim(one)} is queued`)),
    ...(weights === '' || weights === (before && weightsOf(before))
      ? []
      : [entry(frame, frame.now.toISOString(), undefined, `traffic: ${weights}`)]),
    ...stuck.map((one) =>
      entry(frame, one.since, undefined, `${one.stack} cannot be destroyed yet: ${one.lastError}`, 'bad'),
    ),
  ];
}

function weightsOf({ route }: ServiceView): string {
  return (route?.targets ?? []).map(({ revision, weight }) => `r${revision} ${weight} %`).join(', ');
}

function entry(
  frame: Frame,
  at: string,
  rollout: { number: number } | undefined,
  text: string,
  tone: Tone = 'plain',
): Line {
  const name = rollout ? `#${rollout.number} ` : '';
  return line(span(`${clock(at, frame.now)} `, 'faint'), name, span(text, tone));
}
