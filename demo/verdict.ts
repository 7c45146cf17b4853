import { CAUGHT_AT } from './chapters.ts';
import type { DemoReport, ExperimentReport, RolloutReport } from './report.ts';

const CLEAN = 'exit code 0';

/** Everything that was not as expected, in sentences; empty when all was well. No data is never well. */
export function disappointments(report: Omit<DemoReport, 'ok' | 'faults'>): string[] {
  const { requests, rollouts, experiment, removal, dev, leftovers, audit } = report;
  return [
    ...(requests.failed > 0
      ? [`${requests.failed} of ${requests.total} requests failed: ${failuresOf(requests)}`]
      : []),
    ...rollouts.flatMap(rolloutFault),
    ...experimentFaults(experiment),
    ...cutShort([...rollouts, experiment]),
    ...unmeasured(report),
    ...refusedFaults(report),
    ...caughtFaults(report.caught),
    ...(removal.outcome === 'succeeded' ? [] : [`the removal of the service ended as ${removal.outcome}`]),
    ...(dev === CLEAN ? [] : [`supplant dev ended with ${dev} after Ctrl-C`]),
    ...(leftovers.names.length > 0 ? [`left over: ${leftovers.names.join(', ')}`] : []),
    ...(audit.verified ? [] : [`the audit chain does not hold: ${audit.fault ?? 'nothing is recorded'}`]),
  ];
}

function failuresOf({ failures }: DemoReport['requests']): string {
  return failures.map(({ what, count, firstAt }) => `${count} × ${what} (first at ${firstAt})`).join('; ');
}

function rolloutFault({ title, revision, outcome, expected, because }: RolloutReport): string[] {
  if (outcome === expected || outcome === 'none') return [];
  const why = because === undefined ? '' : `: ${because}`;
  return [`"${title}", r${revision}: ${outcome} instead of ${expected}${why}`];
}

function cutShort(chapters: readonly Pick<RolloutReport | ExperimentReport, 'title' | 'outcome'>[]): string[] {
  const missing = chapters.filter(({ outcome }) => outcome === 'none').map(({ title }) => `"${title}"`);
  return missing.length === 0 ? [] : [`so these did not take place: ${missing.join(', ')}`];
}

/** What it finds is no fault, whatever it is: not even that the load could not be sent in time. */
function experimentFaults({ title, outcome, because, variants, found, live, left }: ExperimentReport): string[] {
  if (outcome === 'none') return [];
  if (outcome !== 'succeeded') {
    const why = because === undefined ? '' : `: ${because}`;
    return [`"${title}": ${outcome} instead of succeeded${why}`, ...leftFaults(left)];
  }
  const unprobed = variants.filter(({ requests }) => requests === 0).map(({ name }) => name);
  return [
    ...(variants.length === 2 ? [] : [`${variants.length} variants were made, not 2`]),
    ...(unprobed.length === 0 ? [] : [`no load was sent to ${unprobed.join(' and ')}`]),
    ...(found.length === 0 ? ['the variants were not compared'] : []),
    ...(live.requests === 0 ? ['no request was sent to the service during the experiment'] : []),
    ...leftFaults(left),
  ];
}

function leftFaults(left: readonly string[]): string[] {
  return left.length === 0 ? [] : [`the experiment's run was over and had left ${left.join(', ')}`];
}

/** What the chapters that did take place must have been measured by. */
function unmeasured({
  requests,
  rollouts,
  rollback,
}: Pick<DemoReport, 'requests' | 'rollouts' | 'rollback'>): string[] {
  const [first] = rollouts;
  return [
    ...(first?.outcome === 'succeeded' && requests.total === 0 ? ['no request was sent'] : []),
    ...(rollouts.at(-1)?.outcome === 'succeeded' && rollback.millis === 0 ? ['the rollback was not measured'] : []),
  ];
}

function caughtFaults({ revision, check, weight, exposureMs, worstExposureMs }: DemoReport['caught']): string[] {
  if (revision === 0) return [];
  return [
    ...(check === undefined ? [`r${revision} went back, and no verdict says why`] : []),
    ...(weight > CAUGHT_AT ? [`r${revision}, which is slow, had ${weight} % of the traffic`] : []),
    ...(exposureMs === 0 ? [`nothing is known of how much traffic r${revision} had`] : []),
    ...(exposureMs > worstExposureMs
      ? [`r${revision} had ${exposureMs} ms of full traffic, more than the ${worstExposureMs} ms of its plan`]
      : []),
  ];
}

function refusedFaults({ refused: { revision, requests, checks, stackLeft } }: Pick<DemoReport, 'refused'>): string[] {
  if (revision === 0) return [];
  return [
    ...(requests > 0 ? [`${requests} requests reached r${revision}, which is broken`] : []),
    ...(checks === 0 ? [`nothing is known of what r${revision} was asked: its log was never seen`] : []),
    ...(stackLeft ? [`the stack of r${revision} was not destroyed with its rollout`] : []),
  ];
}
