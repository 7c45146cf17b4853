import { describeSeeds, listFaultRows, listFindingRows, renderTable } from '../report.ts';
import type { AwsRunResult } from './run.ts';

const HEAD = `# The same on AWS

What \`npm run chaos -- --world aws\` found, against [emulators](aws.md#what-has-been-run-and-where). A **run** is one seed: an
environment, one service of one of the AWS blueprints under a steady load of 40 requests a second, a first deployment,
then another one, a broken one or a rollback, with one to three faults at random moments, and the service's removal. After
that it is judged by what the load balancer has answered, what is left in the account, and whether another worker could
replay every history. The kinds of findings are those of [chaos](chaos.md); no failed request is excused.
`;

/** The published report of the runs on AWS. */
export function reportAwsRuns(results: readonly (AwsRunResult & { commit: string })[]): string {
  const rows = [
    ['runs', results.length],
    ['requests of users', results.reduce((total, { requests }) => total + requests, 0)],
    ['faults', results.reduce((total, { struck }) => total + struck.length, 0)],
    ...listFindingRows(results),
  ] as const;
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
