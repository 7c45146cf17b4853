import { describeSeeds } from '../../chaos/report.ts';
import { type Cell, COLUMNS, ROWS } from './cells.ts';
import type { BatchResult } from './results.ts';

const HEAD = `# Every verb, at every moment

What \`npm run model\` found. A **sequence** is one rollout of a random strategy on the real workflows of a service and its
rollouts, in a real Temporal server, whose steps are made by doubles with the rules of router and stacks. Two clients ask
things of it at random moments, often at once and sometimes twice: promote, promote --full, promote --break-glass, pause, resume, abort,
retry, rollback, approve, reject, and deployments that supersede it. Some wait at gates: for one person or two, of four, the requester and
one without the role among them; for a window that is open, or closed for good; some gates expire soon, and put the rollout back or let
it go on. Its provisioning, its checks or one of its bakes may fail; some deployments are frozen then, as rollbacks are, and somebody decides.
Of the workers some are restarted again and again, and some
keep three workflows in memory and no more. Every second sequence has one of the cells below for its aim, in turn.

A model, written by hand beside the code, knows the rollout by the set of states that it may be in. Each answer, and what the
rollout shows after it, has to be one that some order of what was asked leads to; each refusal names the phase and a reason.
Every rollout comes to its end, every change of the route keeps the invariants, record, route and stacks agree afterwards, and
the histories replay.
`;

/** The published report, from the results of all batches. */
export function renderReport(results: readonly BatchResult[]): string {
  const sum = (pick: (result: BatchResult) => number): number => results.reduce((total, each) => total + pick(each), 0);
  const cells = addCells(results);
  const counts = ROWS.map((row) => COLUMNS.map((column) => cells[`${row} × ${column}`] ?? 0));
  const rows: [string, number][] = [
    ['sequences', sum(({ sequences }) => sequences)],
    ['verbs asked where the state was known', counts.flat().reduce((total, each) => total + each, 0)],
    ['sequences whose histories were replayed', sum(({ replayed }) => replayed)],
    ['restarts of workers', sum(({ restarts }) => restarts)],
    ['sequences in which a request got no answer, judged up to there', sum(({ unsure, lost }) => unsure - lost)],
    ['sequences in which a worker lost a task in the middle, judged up to there', sum(({ lost }) => lost)],
    ['**failures**', sum(({ failures }) => failures.length)],
  ];
  const missing = listMissing(results);
  const failures = results.flatMap((result) => result.failures).map(describeFailure);
  return [
    HEAD,
    renderTable(['', 'count'], rows),
    '## How often each verb met each situation\n',
    renderTable(
      ['', ...COLUMNS],
      ROWS.map((row, index) => [row, ...counts[index]!]),
    ),
    missing.length === 0
      ? 'Each has met each.\n'
      : `Not met, ${missing.length} of ${ROWS.length * COLUMNS.length}: ${missing.join('; ')}.\n`,
    '## Seeds\n',
    `${describeSeeds(results)}, 200 sequences each. \`npm run model -- --seed 7 --only 12\` carries out one of them.\n`,
    ...(failures.length === 0 ? [] : ['## Failures\n', ...failures, '']),
  ].join('\n');
}

/** `- seed 7, sequence 12: what it came to`. */
function describeFailure(failure: string): string {
  const [first = ''] = failure.split('\n');
  return `- ${first.slice(0, 400)}`;
}

/** Where no verb was asked in any run. */
export function listMissing(results: readonly BatchResult[]): Cell[] {
  const cells = addCells(results);
  return ROWS.flatMap((row) => COLUMNS.map((column) => `${row} × ${column}`)).filter((cell) => !cells[cell]);
}

function addCells(results: readonly BatchResult[]): Record<Cell, number> {
  const all: Record<Cell, number> = {};
  for (const { cells } of results)
    for (const [cell, count] of Object.entries(cells)) all[cell] = (all[cell] ?? 0) + count;
  return all;
}

function renderTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}
