import type { GateState } from '../../src/domain/gates/status.ts';
import { FINDING_KINDS } from './findings.ts';
import type { RunResult } from './results.ts';

const HEAD = `# Under kill -9, outages and bad luck

What \`npm run chaos\` found. A **run** is one seed: \`supplant dev\` (half of the time with a second worker, a quarter of
the time with its record in Postgres) on a data folder of its own, one service under a steady load of 40 requests a second, a first deployment, one or two further
steps (deployments of revisions that are good, slow, unhealthy, deaf, or sicken under traffic, with provider faults, by every
strategy, with and without an analysis, half of those that compare beside a fresh baseline; rollbacks; aborts, promotes, some of them in full, and pauses), one to three faults at random moments, and the service's removal. After that it
is judged from outside: from processes, files, sockets, the stores and Temporal's histories.

In half of the runs deployments have gates and hooks, and in half of those migrations. People of the harness approve after a while, or in the
moment of a fault, say no, or let an approval expire; a window opens in a moment; receivers over HTTP answer at once, slowly, after errors,
progress or silence, say no, or are killed and come back. It is judged by what those have heard and said themselves, too:

- every hook that a rollout owes was delivered, with a valid signature, under one id for each event, in the order of phases
- no traffic, stack or settling came before its gate had opened, and what goes back or away was held by none
- nothing was taken away before its time, nor while anything from before stood, and nobody has gone back there since

- **dropped**: a request failed, other than in flight on a killed router or made while it was down
- **leaked**: what the provider says exists is not what the states and the catalogue say, or a process, port, folder,
  lock or claim is left over
- **lost**: what was acknowledged or decided is not on record, not once, or not alike in audit log, catalogue and Temporal
- **stuck**: a rollout came to no end
- **wrong**: an invariant was broken on the way, or a rollout ended otherwise than its revision deserves
`;

/** Of which no results were kept. */
const BEFORE = `Before there were gates and hooks, and results that are kept ([test/chaos/kept](../test/chaos/kept/)): seeds 20001–21000 of commit
c716e3c, 3006 rollouts, 1747 faults, 376676 requests, nothing dropped, leaked, lost, stuck or wrong.
`;

/** The published report, from the results of all runs. */
export function report(results: readonly RunResult[]): string {
  const sum = (pick: (result: RunResult) => number): number => results.reduce((total, each) => total + pick(each), 0);
  const rows = [
    ['runs', results.filter(({ worldEnd }) => worldEnd !== true).length],
    ['rollouts', sum(({ rollouts }) => rollouts)],
    ['requests of users', sum(({ requests }) => requests)],
    ['of which failed while the router was killed or down', sum(({ excused }) => excused)],
    ['fresh baselines', sum(({ baselines }) => baselines ?? 0)],
    ['faults', sum(({ struck }) => struck.length)],
    ...listFindingRows(results),
  ] as const;
  const bad = results.filter(({ findings }) => findings.length > 0);
  return [
    HEAD,
    renderTable(['', 'count'], rows),
    '## Faults by kind\n',
    renderTable(['fault', 'struck', 'came too late'], listFaultRows(results)),
    renderTable(['provider fault', 'deployments'], tallied(results.flatMap(({ provider }) => provider))),
    ...describeGuarded(results),
    '## Seeds\n',
    `${describeSeeds(results)}.\n`,
    BEFORE,
    ...(bad.length === 0 ? [] : ['## Findings\n', ...bad.map(describeFindings), '']),
  ].join('\n');
}

type Found = Pick<RunResult, 'seed' | 'findings' | 'note'>;

/** How many findings there are of each kind. */
export function listFindingRows(results: readonly Found[]): [string, number][] {
  const kinds = results.flatMap(({ findings }) => findings.map(({ kind }) => kind));
  return FINDING_KINDS.map((kind) => [`**${kind}**`, kinds.filter((each) => each === kind).length]);
}

/** `1–40, 43 of commit 0123456; 41 of commit 89abcde` */
export function describeSeeds(results: readonly { seed: number; commit: string }[]): string {
  const commits = new Set(results.map(({ commit }) => commit));
  const of = (commit: string): number[] => results.filter((each) => each.commit === commit).map(({ seed }) => seed);
  return [...commits].map((commit) => `${ranges(of(commit))} of commit ${commit}`).join('; ');
}

/** How often each fault struck, and how often what it was to strike was gone by then. */
export function listFaultRows(
  results: readonly { struck: readonly string[]; missed: readonly string[] }[],
): [string, number, number][] {
  const missed = new Map(tallied(results.flatMap((result) => result.missed)));
  const struck = new Map(tallied(results.flatMap((result) => result.struck)));
  const kinds = [...new Set([...struck.keys(), ...missed.keys()])].sort();
  return kinds.map((kind) => [kind, struck.get(kind) ?? 0, missed.get(kind) ?? 0]);
}

function tallied(words: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `1–40, 43`. */
export function ranges(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b);
  const found: [number, number][] = [];
  for (const number of sorted) {
    const last = found.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}

export function renderTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

/** What was wrong in one run, and what came of it, for a list. */
export function describeFindings({ seed, findings, note }: Found): string {
  const found = findings.map(({ kind, text }) => `${kind}: ${text.split('\n', 1)[0] ?? ''}`).join('; ');
  return `- seed ${seed}: ${found}${note === undefined ? '' : ` (${note})`}`;
}

const GATE_ENDS: [GateState, string][] = [
  ['open', 'gates that opened'],
  ['expired', 'gates that expired'],
  ['refused', 'gates at which somebody said no'],
  ['skipped', 'gates that were passed by, or left'],
];

/** What came of gates and hooks; nothing where there were none. */
function describeGuarded(results: readonly RunResult[]): string[] {
  const guarded = results.flatMap(({ guards }) => (guards ? [guards] : []));
  if (guarded.length === 0) return [];
  type Guards = (typeof guarded)[number];
  const sum = (pick: (each: Guards) => number | undefined): number =>
    guarded.reduce((total, each) => total + (pick(each) ?? 0), 0);
  const rows: [string, number][] = [
    ['runs with gates, hooks or migrations', guarded.length],
    ...GATE_ENDS.map(([state, words]): [string, number] => [words, sum(({ gates }) => gates[state])]),
    ['approvals', sum(({ approvals }) => approvals)],
    ['rejections', sum(({ rejections }) => rejections)],
    ["askings of gates' webhooks", sum(({ askings }) => askings)],
    ['events that hooks and contracts were told of', sum(({ events }) => events)],
    ['calls that this took', sum(({ calls }) => calls)],
    ['contracts that were carried out', sum(({ contracts }) => contracts.done)],
    ['contracts that were called off', sum(({ contracts }) => contracts.cancelled)],
  ];
  return ['## Gates and hooks\n', renderTable(['', 'count'], rows)];
}
