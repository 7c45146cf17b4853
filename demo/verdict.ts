import type { DemoReport, RolloutReport } from './report.ts';

const CLEAN = 'exit code 0';

/** Everything that was not as expected, in sentences; empty when all was well. No data is never well. */
export function disappointments(report: Omit<DemoReport, 'ok' | 'faults'>): string[] {
  const { requests, rollouts, removal, dev, leftovers, audit } = report;
  return [
    ...(requests.failed > 0
      ? [`${requests.failed} of ${requests.total} requests failed: ${failuresOf(requests)}`]
      : []),
    ...rollouts.flatMap(rolloutFault),
    ...cutShort(rollouts),
    ...unmeasured(report),
    ...refusedFaults(report),
    ...(removal.outcome === 'succeeded' ? [] : [`the removal of the service ended as ${removal.outcome}`]),
    ...(dev === CLEAN ? [] : [`supplant dev ended with ${dev} after Ctrl-C`]),
    ...(leftovers.stacks > 0 || leftovers.processes > 0
      ? [`left over: ${leftovers.stacks} stacks and ${leftovers.processes} processes (${leftovers.names.join(', ')})`]
      : []),
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

function cutShort(rollouts: readonly RolloutReport[]): string[] {
  const missing = rollouts.filter(({ outcome }) => outcome === 'none').map(({ title }) => `"${title}"`);
  return missing.length === 0 ? [] : [`so these did not take place: ${missing.join(', ')}`];
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

function refusedFaults({ refused: { revision, requests, checks, stackLeft } }: Pick<DemoReport, 'refused'>): string[] {
  if (revision === 0) return [];
  return [
    ...(requests > 0 ? [`${requests} requests reached r${revision}, which is broken`] : []),
    ...(checks === 0 ? [`nothing is known of what r${revision} was asked: its log was never seen`] : []),
    ...(stackLeft ? [`the stack of r${revision} was not destroyed with its rollout`] : []),
  ];
}
