import type { Verdict } from '../domain/checks.ts';
import { aim } from '../domain/details.ts';
import { rolloutName } from '../domain/requests.ts';
import { revisionName } from '../domain/revision.ts';
import { PHASES } from '../domain/rollout.ts';
import type { QueuedRollout, RolloutStatus } from '../domain/status.ts';
import type { ServiceKey } from '../domain/service.ts';

/** Why a rollout is where it is, in plain sentences, the most important first. Times are ISO 8601. */
export function explain(rollout: RolloutStatus): string[] {
  const { because, verdicts, phases, wait, quarantined } = rollout;
  return [
    opening(rollout),
    ...(because === undefined ? [] : [`Because: ${because}.`]),
    ...verdicts.filter(({ verdict }) => verdict !== 'pass').map(found),
    ...phases
      .filter(({ state, note }) => state === 'failed' && note !== undefined && note !== because)
      .map(({ phase, note }) => `Phase ${phase} failed: ${note ?? ''}.`),
    ...(wait ? waiting(wait) : []),
    ...(quarantined.length === 0 ? [] : [`Not destroyed yet, and tried again by itself: ${quarantined.join(', ')}.`]),
  ];
}

export function explainQueued(service: ServiceKey, queued: QueuedRollout, ahead: number): string[] {
  const what = `${rolloutName({ service, number: queued.number })}, ${aim(queued)}, asked for by ${queued.actor}`;
  return [`${what}, has been queued since ${queued.queuedAt}, behind ${ahead} other${ahead === 1 ? '' : 's'}.`];
}

function opening(rollout: RolloutStatus): string {
  const { actor, reason, outcome, endedAt, phase, paused, startedAt } = rollout;
  const who = `asked for by ${actor}${reason === undefined ? '' : ` ("${reason}")`}`;
  const what = `${rolloutName(rollout)}, ${aim(rollout)}, ${who}`;
  if (outcome !== undefined) {
    const was = outcome === 'rolled-back' || outcome === 'aborted' ? 'was ' : '';
    return `${what}, ${was}${outcome.replace('-', ' ')} at ${endedAt ?? 'an unknown time'}.`;
  }
  const place = `${PHASES.indexOf(phase) + 1} of ${PHASES.length}`;
  return `${what}, has been running since ${startedAt}. It is in phase ${phase}, ${place}${paused ? ', and paused' : ''}.`;
}

function found({ check, verdict, revision, attempts, passed, evidence }: Verdict): string {
  const what = verdict === 'fail' ? 'failed' : 'could not be carried out, which is never a pass';
  return `Check ${check} of ${revisionName(revision)} ${what}: ${passed} of ${attempts} attempts passed. Seen: ${evidence}.`;
}

function waiting({ on, since, until, endedBy, then }: NonNullable<RolloutStatus['wait']>): string[] {
  return [
    `It waits for ${on}, since ${since}, ${until === undefined ? 'without a limit' : `until ${until} at the latest`}.`,
    `This can be ended by: ${endedBy}.`,
    `Then: ${then}.`,
  ];
}
