import type { RolloutVerdict } from '../evidence/checks.ts';
import { describeQuestion } from '../evidence/metrics.ts';
import { narrateHooks } from '../hooks/report.ts';
import { describeGateStatus } from '../gates/status.ts';
import { formatRolloutName } from '../service/requests.ts';
import { formatRevisionName, shortenDigest } from '../service/revision.ts';
import { formatServiceId } from '../service/service.ts';
import type { Warning } from '../service/warning.ts';
import { describeCut } from '../traffic/route.ts';
import { capitalise, describeActivity } from './pending-activity.ts';
import { answerVerbNow } from './verbs.ts';
import { describeExposure, describeOutline } from './exposure.ts';
import { describePlanPosition } from './plan.ts';
import { PHASES, type Wait } from './rollout.ts';
import type { PhaseStatus, Quarantine, QueuedRollout, RolloutStatus, ServiceStatus, ServiceView } from './status.ts';
import { endSentence } from '../sentences.ts';

/*
 * A rollout's state in words: the only place that has any. `supplant why` and ExplainRollout tell all of it as sentences,
 * the Temporal UI the same in Markdown (`details.ts`), other views parts of it.
 */

/** How moments are told: as a reader's clock has them, or for programs. They are ISO 8601. */
export interface TimeWords {
  /** `14:03:09`. */
  at(moment: string): string;
  /** `since 14:03:09 (3m ago)`. */
  since(moment: string): string;
  /** `until 14:10:00 at the latest (in 4m)`. */
  until(moment: string): string;
  /** How long it has been running: `for 3m`. */
  running(from: string): string;
  /** When it ended, and how long it took: `after 3m, 2m ago`. */
  ended(from: string, to: string): string;
  /** A moment that may be past or to come: `14:03:09 (3m ago)`. */
  moment(moment: string): string;
}

/** As they are, for programs and for those in another time zone. */
export const ISO_TIMES: TimeWords = {
  at: (moment) => moment,
  since: (moment) => `since ${moment}`,
  until: (moment) => `until ${moment} at the latest`,
  running: (from) => `since ${from}`,
  ended: (_from, to) => `at ${to}`,
  moment: (moment) => moment,
};

/** `deploy of r7`, `rollback to r5`, `removal`. */
export function describeAim({ kind, revision }: Pick<RolloutStatus, 'kind' | 'revision'>): string {
  if (kind === 'remove') return 'removal';
  const name = revision === undefined ? undefined : formatRevisionName(revision);
  if (kind === 'deploy') return name === undefined ? 'deploy' : `deploy of ${name}`;
  return `rollback to ${name ?? 'the previous revision'}`;
}

/** What of its service concerns a rollout. */
export interface ServiceFacts {
  warnings?: readonly Warning[];
  quarantine?: Quarantine[];
}

export function pickServiceFacts({ status, warnings = [] }: ServiceView): ServiceFacts {
  return { warnings, quarantine: status.quarantine };
}

/**
 * What happened, or what it waits for, in plain sentences, the most important first; one paragraph each.
 *
 * @param beside what is wrong with the service now, for the rollout that it stands on, and which stacks do not go
 */
export function narrateRollout(rollout: RolloutStatus, times: TimeWords, beside: ServiceFacts = {}): string[] {
  const { because, verdicts, drains = [] } = rollout;
  const { warnings = [], quarantine } = beside;
  return [
    narrateOpening(rollout, times),
    ...warnings.map(({ text }) => `Warning: ${endSentence(text)}`),
    ...(because === undefined ? [] : [`Because: ${endSentence(because)}`]),
    ...verdicts.filter(({ verdict }) => verdict !== 'pass').map((verdict) => narrateVerdict(verdict, times, rollout)),
    ...narrateHooks(rollout.hooks),
    ...narrateFailedPhases(rollout, times),
    ...narrateGates(rollout, times),
    ...narrateTraffic(rollout),
    ...narrateBaseline(rollout),
    ...narrateExposure(rollout),
    ...narrateFreeze(rollout, times),
    ...narrateWaiting(rollout, times),
    ...narratePreview(rollout),
    ...narrateActivities(rollout, times),
    // Users notice what was cut off: nothing is said of other drains.
    ...drains.flatMap((drain) => describeCut(drain) ?? []).map((text) => `${text}.`),
    ...narrateQuarantine(rollout, quarantine),
    ...narrateNext(rollout),
  ];
}

/** Of those of which it is not known why only that they are there. What a rollout that ended had left may be gone since. */
function narrateQuarantine({ endedAt, quarantined }: RolloutStatus, quarantine: Quarantine[] | undefined): string[] {
  const others = quarantined.filter((stack) => !quarantine?.some((each) => each.stack === stack));
  const isKnown = quarantine !== undefined && endedAt !== undefined;
  return [
    ...(quarantine ?? []).map(
      ({ stack, lastError }) => `${stack} is not destroyed yet, and tried again by itself: ${endSentence(lastError)}`,
    ),
    ...(others.length === 0 ? [] : [isKnown ? describeGone(others) : describeLeft(others, endedAt)]),
  ];
}

function describeGone(stacks: readonly string[]): string {
  return `Could not be destroyed at first, and ${stacks.length === 1 ? 'is' : 'are'} gone by now: ${stacks.join(', ')}.`;
}

function describeLeft(stacks: readonly string[], endedAt: string | undefined): string {
  const names = stacks.join(', ');
  return endedAt === undefined
    ? `Not destroyed yet, and tried again by itself: ${names}.`
    : `Not destroyed when it ended, and tried again by itself from then on: ${names}.`;
}

export function narrateQueuedRollout(
  service: RolloutStatus['service'],
  queued: QueuedRollout,
  ahead: number,
  times: TimeWords,
): string[] {
  const what = `${formatRolloutName({ service, number: queued.number })}, ${describeAim(queued)}`;
  const behind = `behind ${ahead} other${ahead === 1 ? '' : 's'}`;
  return [`${what}, asked for by ${queued.actor}, has been queued ${times.since(queued.queuedAt)}, ${behind}.`];
}

/** A service's workflow that is kept from its work, whatever its rollout does. */
export function narrateTrouble({ trouble, spec }: ServiceStatus, times: TimeWords): string[] {
  if (!trouble) return [];
  const requests = `Requests to ${formatServiceId(spec.service)} are not answered`;
  return [`${requests}: it waits for ${trouble.on}, ${times.since(trouble.since)}.`, ...narrateEnd(trouble)];
}

/** How a wait is over. */
function narrateEnd({ endedBy, then }: Wait): string[] {
  return [`This can be ended by: ${endSentence(endedBy)}`, `Then: ${endSentence(then)}`];
}

/** `4 of 7`, and which step of several: `5 of 7, step 2 of 3`. */
function describePlace({ phase, steps }: Pick<RolloutStatus, 'phase' | 'steps'>): string {
  const step = describePlanPosition(steps);
  return `${PHASES.indexOf(phase) + 1} of ${PHASES.length}${step === undefined ? '' : `, ${step}`}`;
}

function narrateOpening(rollout: RolloutStatus, times: TimeWords): string {
  const { actor, reason, outcome, endedAt, phase, startedAt, artifact } = rollout;
  const label = artifact === undefined ? '' : ` (${shortenDigest(artifact)})`;
  const who = `asked for by ${actor}${reason === undefined ? '' : ` ("${reason}")`}`;
  const what = `${formatRolloutName(rollout)}, ${describeAim(rollout)}${label}, ${who}`;
  if (outcome === undefined || endedAt === undefined) {
    return `${what}, has been running ${times.running(startedAt)}. It is in phase ${phase}, ${describePlace(rollout)}.`;
  }
  return `${what}, ${ENDED[outcome]} ${times.ended(startedAt, endedAt)}.`;
}

const ENDED: Record<NonNullable<RolloutStatus['outcome']>, string> = {
  succeeded: 'succeeded',
  failed: 'failed',
  'rolled-back': 'was rolled back',
  aborted: 'was aborted',
};

/** When a check was judged: the same check is asked again. `validate`, `bake`, `bake of step 2`. */
export function describeJudged({ phase, step }: RolloutVerdict, { steps }: Pick<RolloutStatus, 'steps'>): string {
  return step === undefined || steps.length < 2 ? phase : `${phase} of step ${step}`;
}

function narrateVerdict(judged: RolloutVerdict, times: TimeWords, { steps }: RolloutStatus): string {
  const { check, verdict, revision, attempts, passed, from, to, evidence, step, isDryRun } = judged;
  const where = step === undefined || steps.length < 2 ? '' : ` in step ${step}`;
  const found = verdict === 'fail' ? 'failed' : 'could not be carried out (inconclusive, which is never a pass)';
  const window = `${attempts} attempt${attempts === 1 ? '' : 's'} from ${times.at(from)} to ${times.at(to)}, ${passed} passed`;
  const seen = [evidence, describeQuestion(judged) ?? []].flat().join('; ');
  const dry = isDryRun ? ', in a dry run, from which nothing follows' : '';
  return `Check ${check} of ${formatRevisionName(revision)} ${found}${where}${dry}: ${window}. Seen: ${endSentence(seen)}`;
}

function narrateFailedPhases({ phases, because }: RolloutStatus, times: TimeWords): string[] {
  return phases
    .filter(
      (phase): phase is PhaseStatus & { note: string } =>
        phase.state === 'failed' && phase.note !== undefined && phase.note !== because,
    )
    .map(({ phase, note, endedAt }) => {
      const when = endedAt === undefined ? '' : ` at ${times.at(endedAt)}`;
      return `Phase ${phase} failed${when}: ${endSentence(note)}`;
    });
}

/** What a phase says of which nothing is recorded. */
const NOT_KEPT = 'not kept';

/** Gates that it has passed or waits for: who has approved what, and why the others stand as they do. */
function narrateGates({ gates = [], breakGlass }: RolloutStatus, times: TimeWords): string[] {
  const glass = breakGlass
    ? [
        `BREAK-GLASS: ${breakGlass.actor} passed its gates at ${times.at(breakGlass.at)}: ${endSentence(breakGlass.reason)}`,
      ]
    : [];
  const told = gates.map((gate) => {
    const given = (gate.approvals ?? []).map(
      ({ actor, at, reason }) => `${actor} at ${times.at(at)}${reason === undefined ? '' : ` ("${reason}")`}`,
    );
    const opens = gate.opensAt === undefined ? '' : `; opens at ${times.moment(gate.opensAt)}`;
    const by = given.length === 0 ? '' : `; approved by ${given.join(', ')}`;
    return endSentence(capitalise(`${describeGateStatus(gate)}${opens}${by}`));
  });
  return [...glass, ...told];
}

/** What the outcome means for those who use the service. */
function narrateTraffic({ outcome, previous, revision, kind, phases }: RolloutStatus): string[] {
  if (outcome === undefined) return [];
  // Of one that was terminated, or is long over, only its end is recorded.
  if (outcome !== 'succeeded' && phases.every(({ note }) => note === NOT_KEPT)) return [];
  if (outcome === 'succeeded') {
    if (kind === 'remove') return ['The service, its route and its stacks are gone.'];
    if (revision === undefined) return [];
    const isFirst = previous === undefined || previous === revision;
    const became = isFirst ? 'is live' : `took the place of ${formatRevisionName(previous)}`;
    return [`${formatRevisionName(revision)} ${became}.`];
  }
  const before =
    previous === undefined
      ? 'nothing was live before, and nothing is now'
      : `${formatRevisionName(previous)} is live, as before`;
  return [outcome === 'failed' ? `It never had traffic: ${before}.` : `Traffic is where it was: ${before}.`];
}

/** What it is held against, where that was made for it. */
function narrateBaseline({ baseline, previous, outcome }: RolloutStatus): string[] {
  // Of one that ended before anybody had it, there is nothing to compare.
  const isOver = outcome === 'failed' || outcome === 'aborted';
  if (baseline === undefined || previous === undefined || isOver) return [];
  const [name, of] = [formatRevisionName(baseline), formatRevisionName(previous)];
  return [
    `It ${outcome === undefined ? 'is' : 'was'} compared with ${name}, a fresh copy of ${of} that is never live.`,
  ];
}

/** What the plan lets it cost, and afterwards what it did. Where nothing went wrong in one step there is nothing to tell. */
function narrateExposure({ exposure, plan, outcome, steps }: RolloutStatus): string[] {
  const isTold = steps.length > 1 || (outcome !== undefined && outcome !== 'succeeded');
  if (!isTold) return [];
  if (exposure) return [`The new revision had ${describeExposure(exposure, plan)}.`];
  return plan && outcome === undefined ? describeOutline(plan).map(endSentence) : [];
}

/** Why nothing is put back. */
function narrateFreeze({ frozen, kind, previous }: RolloutStatus, times: TimeWords): string[] {
  if (!frozen) return [];
  const fled = previous === undefined ? 'what was live before' : formatRevisionName(previous);
  const why =
    kind === 'rollback'
      ? `a rollback does not give traffic back to ${fled} by itself`
      : 'its service does not go back by itself (freezeOnFail)';
  return [
    `It is frozen ${times.since(frozen.since)}: nothing is given back and nothing destroyed, since ${why}. Traffic stays as it is, and both stacks stand.`,
  ];
}

/** Where its revision is looked at; what it waits for may have said that. */
function narratePreview({ preview, revision, outcome, wait }: RolloutStatus): string[] {
  if (preview === undefined || revision === undefined || outcome !== undefined || wait?.on.includes(preview)) return [];
  return [`Until it has traffic, ${formatRevisionName(revision)} can be looked at at its preview address, ${preview}.`];
}

/** What it waits for, how that is over, and what follows. */
export function narrateWaiting({ wait, paused, outcome, activities = [] }: RolloutStatus, times: TimeWords): string[] {
  if (outcome !== undefined) return [];
  if (wait) {
    const limit = wait.until === undefined ? 'without a limit' : times.until(wait.until);
    return [`It waits for ${wait.on}, ${times.since(wait.since)}, ${limit}.`, ...narrateEnd(wait)];
  }
  if (paused) return ['It is paused and holds before the next phase.'];
  return activities.length === 0 ? ['It waits for nothing but its own work.'] : [];
}

/** What runs, what waits for a worker, what is tried again: each with its reason. */
function narrateActivities(rollout: RolloutStatus, times: TimeWords): string[] {
  const isAbortable = answerVerbNow('abort', rollout).legal;
  return (rollout.activities ?? []).map((activity) =>
    endSentence(capitalise(describeActivity(activity, (time) => times.moment(time), isAbortable))),
  );
}

function narrateNext(rollout: RolloutStatus): string[] {
  const { outcome, kind, service, previous } = rollout;
  if (outcome !== 'failed' && outcome !== 'rolled-back') return [];
  const left = previous === undefined ? [] : [formatRevisionName(previous)];
  const stuck = left.map(
    (name) =>
      `Nobody has gone back, and ${name} keeps the traffic: go back to another revision (supplant rollback ${formatServiceId(service)} --to), or deploy a fix.`,
  );
  return [
    ...(kind === 'rollback' ? stuck : []),
    `All of it: supplant audit list --rollout ${formatRolloutName(rollout)}`,
  ];
}
