import { formatEndpointUrl, shortenDigest } from '../service/revision.ts';
import { formatServiceId } from '../service/service.ts';
import { RUN_PHASES, type RunOutcome, type RunStatus, type RunTrigger, type RunVariant, formatRunName } from './run.ts';
import { endSentence } from '../sentences.ts';

/*
 * A run's state in words: the only place that has any. Views and `why` tell all of it as sentences, the Temporal UI parts
 * of it in Markdown (`details.ts`).
 */

/** What happened, what a run waits for, and what can be done, in plain sentences, the most important first. */
export function explainRun(status: RunStatus, now: Date): string[] {
  const { because, variants, outcome } = status;
  return [
    describeStanding(status, now),
    ...(because === undefined ? [] : [`Because: ${endSentence(because)}`]),
    ...describeFailures(status),
    ...describeWait(status, now),
    ...(outcome === undefined ? variants.map(describeVariant) : describeRest(status)),
    ...describeDeadline(status, now),
  ];
}

const ENDED: Record<RunOutcome, string> = {
  succeeded: 'succeeded',
  failed: 'failed',
  stopped: 'was stopped',
  expired: 'ran out of time',
  replaced: 'was replaced by the next run',
  skipped: 'did not take place',
  lost: 'was lost',
};

const BEGUN: Record<Exclude<RunTrigger, 'person'>, string> = {
  schedule: 'begun by its schedule',
  backfill: 'begun by a backfill of its schedule',
};

function describeStanding(status: RunStatus, now: Date): string {
  const { trigger, actor, reason, startedAt, endedAt, outcome, phase } = status;
  const begun = trigger === 'person' ? `asked for by ${actor}` : BEGUN[trigger];
  const what = `${formatRunName(status)}, ${begun}${reason === undefined ? '' : ` ("${reason}")`}`;
  if (outcome !== undefined && endedAt !== undefined) {
    const after = outcome === 'skipped' ? '' : ` after ${formatSpan(Date.parse(endedAt) - Date.parse(startedAt))}`;
    return `${what}, ${ENDED[outcome]} at ${endedAt}${after}.`;
  }
  const since = `since ${startedAt} (${formatSpan(now.getTime() - Date.parse(startedAt))})`;
  const place = `${RUN_PHASES.indexOf(phase) + 1} of ${RUN_PHASES.length}`;
  return `${what}, has been running ${since}. It is in phase ${phase}, ${place}.`;
}

function describeFailures({ phases, because }: RunStatus): string[] {
  return phases
    .filter(({ state, note }) => state === 'failed' && note !== undefined && note !== because)
    .map(({ phase, note = '' }) => `Phase ${phase} failed: ${endSentence(note)}`);
}

/** What it waits for, since when, until when, who can end that, and what follows. */
export function describeWait({ wait, outcome }: RunStatus, now: Date): string[] {
  if (outcome !== undefined) return [];
  if (!wait) return ['It waits for nothing but its own work.'];
  const { on, since, until, endedBy, then } = wait;
  const waited = formatSpan(now.getTime() - Date.parse(since));
  const limit = until === undefined ? 'without a limit' : `until ${until} at the latest`;
  return [
    `It waits for ${on}, since ${since} (${waited}), ${limit}.`,
    `This can be ended by: ${endSentence(endedBy)}`,
    `Then: ${endSentence(then)}`,
  ];
}

function describeVariant({ name, artifact, blueprint, like, endpoints, address, state }: RunVariant): string {
  const likeness = like ? `, like r${like.revision} of ${formatServiceId(like.service)}` : '';
  const places = endpoints.map(formatEndpointUrl).join(', ');
  const reached = places === '' ? '' : ` at ${places}`;
  const looked = address ? `; look at it at ${formatEndpointUrl(address)}` : '';
  return `Variant ${name} (${shortenDigest(artifact)} with ${blueprint}${likeness}) is ${state}${reached}${looked}.`;
}

function describeRest({ variants, outcome }: RunStatus): string[] {
  if (variants.length === 0) return outcome === 'skipped' ? ['No stack was made.'] : [];
  const left = variants.filter(({ state }) => state !== 'gone').map(({ name }) => name);
  if (left.length === 0) return ['Nothing is left of its stacks.'];
  return [`When it was last heard of, there were stacks of ${left.join(', ')}; the reaper looks after them.`];
}

function describeDeadline({ outcome, phase, variants, deadlineAt }: RunStatus, now: Date): string[] {
  if (outcome !== undefined || variants.length === 0 || phase === 'destroy') return [];
  const left = Date.parse(deadlineAt) - now.getTime();
  const when = left > 0 ? `in ${formatSpan(left)}` : 'now';
  return [`Its stacks are destroyed at ${deadlineAt} at the latest, ${when}; it can be extended, or stopped.`];
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** `3m`, `1h 20m`: two units at most. */
function formatSpan(millis: number): string {
  let rest = Math.max(0, Math.round(millis / 1_000) * 1_000);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0s';
}
