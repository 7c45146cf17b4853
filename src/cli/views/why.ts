import type { Verdict } from '../../domain/checks.ts';
import { revisionName } from '../../domain/revision.ts';
import { PHASES } from '../../domain/rollout.ts';
import { rolloutName } from '../../domain/requests.ts';
import type { PhaseStatus, RolloutStatus } from '../../domain/status.ts';
import { ago, between, clock, until } from './time.ts';
import { aim, artifactLabel, plural } from './words.ts';

/** What happened, or what it waits for, in plain sentences; one paragraph each. */
export function whySentences(rollout: RolloutStatus, now: Date): string[] {
  return [
    opening(rollout, now),
    ...(rollout.because === undefined ? [] : [`Because: ${sentence(rollout.because)}`]),
    ...rollout.verdicts.filter(({ verdict }) => verdict !== 'pass').map((verdict) => verdictSentence(verdict, now)),
    ...phaseSentences(rollout, now),
    ...traffic(rollout),
    ...waiting(rollout, now),
    ...leftovers(rollout),
    ...next(rollout),
  ];
}

function opening(rollout: RolloutStatus, now: Date): string {
  const what = `${rolloutName(rollout)}, ${aim(rollout)}${rollout.artifact === undefined ? '' : ` (${artifactLabel(rollout.artifact)})`}`;
  const who = `asked for by ${rollout.actor}${rollout.reason === undefined ? '' : ` ("${rollout.reason}")`}`;
  if (rollout.outcome === undefined || rollout.endedAt === undefined) {
    return `${what}, ${who}, has been running for ${between(rollout.startedAt, now)}. It is in phase ${rollout.phase}, ${PHASES.indexOf(rollout.phase) + 1} of ${PHASES.length}.`;
  }
  const ended = { succeeded: 'succeeded', failed: 'failed', 'rolled-back': 'was rolled back', aborted: 'was aborted' }[
    rollout.outcome
  ];
  return `${what}, ${who}, ${ended} after ${between(rollout.startedAt, rollout.endedAt)}, ${ago(rollout.endedAt, now)}.`;
}

function verdictSentence(verdict: Verdict, now: Date): string {
  const found =
    verdict.verdict === 'fail' ? 'failed' : 'could not be carried out (inconclusive, which is never a pass)';
  const window = `${plural(verdict.attempts, 'attempt')} from ${clock(verdict.from, now)} to ${clock(verdict.to, now)}, ${verdict.passed} passed`;
  return `Check ${verdict.check} of ${revisionName(verdict.revision)} ${found}: ${window}. Seen: ${sentence(verdict.evidence)}`;
}

function phaseSentences({ phases, because }: RolloutStatus, now: Date): string[] {
  return phases
    .filter(
      (phase): phase is PhaseStatus & { note: string } =>
        phase.state === 'failed' && phase.note !== undefined && phase.note !== because,
    )
    .map(
      ({ phase, note, endedAt }) =>
        `Phase ${phase} failed${endedAt === undefined ? '' : ` at ${clock(endedAt, now)}`}: ${sentence(note)}`,
    );
}

/** What the outcome means for those who use the service. */
function traffic({ outcome, previous, revision, kind }: RolloutStatus): string[] {
  const before =
    previous === undefined
      ? 'nothing was live before, and nothing is now'
      : `${revisionName(previous)} is live, as before`;
  if (outcome === undefined) return [];
  switch (outcome) {
    case 'succeeded':
      if (kind === 'remove') return ['The service, its route and its stacks are gone.'];
      return revision === undefined
        ? []
        : [
            `${revisionName(revision)} ${previous === undefined || previous === revision ? 'is live' : `took the place of ${revisionName(previous)}`}.`,
          ];
    case 'failed':
      return [`It never had traffic: ${before}.`];
    case 'rolled-back':
    case 'aborted':
      return [`Traffic is where it was: ${before}.`];
  }
}

function waiting({ wait, paused, outcome }: RolloutStatus, now: Date): string[] {
  if (outcome !== undefined) return [];
  if (!wait)
    return [paused ? 'It is paused and holds before the next phase.' : 'It waits for nothing but its own work.'];
  const limit =
    wait.until === undefined
      ? 'without a limit'
      : `until ${clock(wait.until, now)} at the latest (${until(wait.until, now)})`;
  return [
    `It waits for ${wait.on}, since ${clock(wait.since, now)} (${ago(wait.since, now)}), ${limit}.`,
    `This can be ended by: ${sentence(wait.endedBy)}`,
    `Then: ${sentence(wait.then)}`,
  ];
}

function leftovers({ quarantined }: RolloutStatus): string[] {
  if (quarantined.length === 0) return [];
  return [`Not destroyed yet, and tried again by itself: ${quarantined.join(', ')}.`];
}

function next(rollout: RolloutStatus): string[] {
  const service = `${rollout.service.name}/${rollout.service.environment}`;
  if (rollout.outcome === 'failed' || rollout.outcome === 'rolled-back') {
    return [`All of it: supplant audit list --rollout ${service}#${rollout.number}`];
  }
  return [];
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
