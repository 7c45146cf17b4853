import { describeFindings, describeSeeds, listFaultRows, listFindingRows, renderTable } from '../report.ts';
import type { FleetRunResult } from './run.ts';

const HEAD = `# The same on a fleet

What \`npm run chaos -- --world fleet\` found. A **machine** here is namespaces of Linux of its own (network, pids, mounts,
name), a data folder of its own and a cable to the others; it runs one worker. Three of them share what is on none: Temporal's
server, Postgres (the store, the ledger and the engine's state), the embedded router, which takes their orders over TLS, two
gateways, which clients ask in turn, and a [double of a cloud](../test/doubles/cloud/server.ts), in which the revisions run.

A **run** is one seed: one or two services under a steady load of 40 requests a second each, a first deployment, one or two
requests more with one to three faults at random moments, and the removal, at which faults strike, too. Machines that were
lost are replaced by ones with empty folders: in some plans while the rollouts run, else after all have ended, so that
the last of three machines has to finish alone. After that it is judged what the router has answered, what is left in the
cloud, in the state, in the ledger and on the machines, whether audit log, catalogue and Temporal agree, and whether another
worker could replay every history. The kinds of findings are those of [chaos](chaos.md). A failed request is excused by a
router that was killed, and by nothing else. The folder of an operation that another machine has taken over is no finding: it
goes with its machine's next operation.

In one run of six a service is of [local-process](reference/local-process.md): its processes run on the machine whose worker made
them, and go with it. Somebody looks at \`supplant hosts\`, sees that a lost machine is away with stacks on it, that what waits for it says
so, and forgets it with a reason; the service is deployed anew. Its users' failures are excused where a machine was struck. In one run of
eight the workers are versions, and those of the next version take over while a service is rolled out or removed: on each machine beside
the ones there are, which end once no rollout belongs to them.

The results are kept in [test/chaos/kept](../test/chaos/kept/), and more are added to them by \`npm run chaos -- --world fleet --keep\`. Before they were kept, seeds 28–41 of
commit a8d21a2 had shown nothing wrong.

Not among the faults: two machines that reach Postgres and not Temporal or the other way round, and a store with replicas.
`;

/** The published report of the runs on a fleet. */
export function reportFleetRuns(results: readonly (FleetRunResult & { commit: string })[]): string {
  const sum = (pick: (result: FleetRunResult) => number): number =>
    results.reduce((total, each) => total + pick(each), 0);
  const rows = [
    ['runs', results.length],
    ['rollouts', sum(({ rollouts }) => rollouts)],
    ['requests of users', sum(({ requests }) => requests)],
    ['of which failed while the router was killed or down', sum(({ excused }) => excused)],
    ['faults', sum(({ struck }) => struck.length)],
    ['stacks that were given up with their machine', sum(({ givenUp = 0 }) => givenUp)],
    ...listFindingRows(results),
  ] as const;
  const bad = results.filter(({ findings }) => findings.length > 0);
  return [
    HEAD,
    renderTable(['', 'count'], rows),
    renderTable(['fault', 'struck', 'came too late'], listFaultRows(results)),
    `Seeds ${describeSeeds(results)}.\n`,
    ...bad.map(describeFindings),
  ].join('\n');
}
