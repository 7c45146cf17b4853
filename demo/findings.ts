import type { LoadReport } from './load-counts.ts';
import type { RecordFindings } from './finish.ts';
import type { DemoReport } from './report.ts';
import { disappointments } from './verdict.ts';

/** What the story told, and what was found when everything had ended. */
export interface Findings {
  story: Pick<DemoReport, 'rollouts' | 'refused' | 'caught' | 'rollback' | 'experiment'> & {
    load: LoadReport | undefined;
  };
  removal: DemoReport['removal'];
  /** How `supplant dev` ended after one Ctrl-C. */
  dev: string;
  left: { stacks: string[]; processes: number[] };
  record: RecordFindings;
  seconds: number;
}

export function reportOf({ story, removal, dev, left, record, seconds }: Findings): DemoReport {
  const { load, ...told } = story;
  const { audit, leases, experiments } = record;
  const names = [
    ...left.stacks,
    ...left.processes.map((pid) => `pid ${pid}`),
    ...leases.map((stack) => `lease of ${stack}`),
    ...experiments.map((id) => `experiment ${id}`),
  ];
  const leftovers = {
    stacks: left.stacks.length,
    processes: left.processes.length,
    leases: leases.length,
    experiments: experiments.length,
    names,
  };
  const measured = { seconds, requests: requestsOf(load), ...told, removal, dev, leftovers, audit };
  const faults = disappointments(measured);
  return { ok: faults.length === 0, faults, ...measured };
}

function requestsOf(load: LoadReport | undefined): DemoReport['requests'] {
  const answers = Object.entries(load?.answers ?? {});
  return {
    total: load?.total ?? 0,
    failed: load?.failed ?? 0,
    perSecond: load?.perSecond ?? 0,
    latencyMillis: load?.latency ?? { p50: 0, p99: 0, max: 0 },
    answeredBy: Object.fromEntries(answers.map(([version, { count }]) => [version, count])),
    failures: load?.failures ?? [],
  };
}
