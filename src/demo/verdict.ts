import type { DemoReport, RolloutReport } from './report.ts';

const CLEAN = 'exit code 0';

/** Everything that was not as expected, in sentences; empty when all was well. No data is never well. */
export function disappointments(report: Omit<DemoReport, 'ok' | 'faults'>): string[] {
  const { requests, refused, rollback, removal, dev, leftovers, audit } = report;
  return [
    ...(requests.total === 0 ? ['no request was sent'] : []),
    ...(requests.failed > 0
      ? [`${requests.failed} of ${requests.total} requests failed: ${failuresOf(requests)}`]
      : []),
    ...report.rollouts.flatMap(rolloutFault),
    ...refusedFaults(refused, report.rollouts),
    ...(rollback.millis > 0 ? [] : ['the rollback was not measured']),
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
  if (outcome === expected) return [];
  if (outcome === 'none') return [`"${title}" did not take place`];
  const why = because === undefined ? '' : `: ${because}`;
  return [`"${title}", r${revision}: ${outcome} instead of ${expected}${why}`];
}

function refusedFaults({ revision, requests, checks, stackLeft }: DemoReport['refused'], rollouts: RolloutReport[]) {
  if (rollouts.find((rollout) => rollout.revision === revision)?.outcome === 'none') return [];
  return [
    ...(requests > 0 ? [`${requests} requests reached r${revision}, which is broken`] : []),
    ...(checks === 0 ? [`nothing is known of what r${revision} was asked: its log was never seen`] : []),
    ...(stackLeft ? [`the stack of r${revision} was not destroyed with its rollout`] : []),
  ];
}
