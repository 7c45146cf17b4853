import { describeSeeds, listFaultRows, listFindingRows, renderTable } from '../report.ts';
import type { ExperimentRunResult } from './run.ts';
import { type StormFigures, describeStorm } from './storm-figures.ts';

const HEAD = `# The same of experiments

What \`npm run chaos -- --world experiments\` found. A **run** is one seed: an experiment of one or two variants (good,
slow, unhealthy, deaf, or with a fault of their provider), a check, in half of them a load, a TTL of 10 to 25 seconds, in half
of them a schedule of every 3 to 6 seconds; up to four runs that are asked for, stops, extensions, pauses and deletions,
and one to three faults at random moments. Then the experiment is deleted, and within 60 s nothing may be left of it.
Beside it a live service in the same environment is under a steady load of 40 requests a second; a request that fails is
excused only while the router was down. The kinds of findings are those of [chaos](chaos.md).

How late a stack went is counted from its lease's deadline on, without the time in which the installation could not work:
no worker, no Temporal, or a locked store. Where the clock jumped it is not counted, since the times on record are the
clock's.
`;

const STORMS = `
## Many at once

A **storm** (\`--storm N\`) is one installation in which N short experiments of one variant live, up to eight at a time,
every third by its schedule. All the while something is struck: a worker, a gateway, Temporal or an engine is killed, a run
is terminated by Temporal's own CLI, a schedule is deleted. How late a stack went is counted in the same way.
`;

type Recorded = ExperimentRunResult & { commit: string };
interface RecordedStorm {
  seed: number;
  commit: string;
  storm: StormFigures;
}

/** The published report of the runs of experiments, and of the storms among them. */
export function reportExperiments(recorded: readonly (Recorded | RecordedStorm)[]): string {
  const results = recorded.filter((each): each is Recorded => !('storm' in each));
  const storms = recorded.filter((each): each is RecordedStorm => 'storm' in each);
  return [reportRuns(results), ...(storms.length === 0 ? [] : [STORMS, ...storms.map(describeRecorded), ''])].join(
    '\n',
  );
}

function describeRecorded({ seed, commit, storm }: RecordedStorm): string {
  const wrong = storm.findings.map(({ kind, text }) => `; **${kind}**: ${text}`).join('');
  return `- seed ${seed}, of commit ${commit}: ${describeStorm(storm)}${wrong || '; nothing was wrong'}`;
}

function reportRuns(results: readonly Recorded[]): string {
  const sum = (pick: (result: Recorded) => number): number => results.reduce((total, each) => total + pick(each), 0);
  const outcomes = new Map<string, number>();
  for (const each of results)
    for (const [outcome, count] of Object.entries(each.outcomes))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
  const latest = Math.max(0, ...results.map(({ overrunMs = 0 }) => overrunMs));
  const rows: [string, number | string][] = [
    ['experiments', results.length],
    ...[...outcomes].sort().map(([outcome, count]): [string, number] => [`runs that ended as ${outcome}`, count]),
    ['stacks that were made, or begun', sum(({ stacks }) => stacks)],
    ['the latest of them after its lease', `${(latest / 1_000).toFixed(1)} s`],
    ['requests to the live service', sum(({ requests }) => requests)],
    ['of which failed while the router was down', sum(({ excused }) => excused)],
    ['faults', sum(({ struck }) => struck.length)],
    ...listFindingRows(results),
  ];
  const bad = results.filter(({ findings }) => findings.length > 0);
  return [
    HEAD,
    renderTable(['', 'count'], rows),
    renderTable(['fault', 'struck', 'came too late'], listFaultRows(results)),
    `Seeds ${describeSeeds(results)}.\n`,
    ...bad.map(
      ({ seed, findings }) => `- seed ${seed}: ${findings.map(({ kind, text }) => `${kind}: ${text}`).join('; ')}`,
    ),
  ].join('\n');
}
