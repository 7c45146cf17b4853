/**
 * Tooling for anyone who runs the workers; what people do with services goes through the API. Finds Temporal by the standard
 * `TEMPORAL_*` environment.
 *
 *     node src/worker-versions.ts [list] [--deployment NAME]
 *     node src/worker-versions.ts promote BUILD [--deployment NAME]
 */
import { parseArgs } from 'node:util';
import { NativeConnection } from '@temporalio/worker';
import { readTemporalTarget } from './temporal/target.ts';
import { type VersionInfo, WorkerVersions } from './temporal/worker-versions.ts';

const USAGE = 'use `list`, or `promote BUILD`, and --deployment NAME or SUPPLANT_DEPLOYMENT';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { deployment: { type: 'string' } } });
  const deployment = values.deployment ?? process.env.SUPPLANT_DEPLOYMENT;
  const [command = 'list', build, ...more] = positionals;
  const isKnown = command === 'list' ? build === undefined : command === 'promote' && build !== undefined;
  if (deployment === undefined || !isKnown || more.length > 0) throw new Error(USAGE);
  const { connectionOptions, namespace = 'default' } = readTemporalTarget();
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    const versions = new WorkerVersions(connection.workflowService, namespace, deployment);
    if (build !== undefined) await versions.promote(build);
    const all = await versions.list();
    if (all.length === 0) throw new Error(`no worker of deployment ${deployment} has run in namespace ${namespace}`);
    for (const version of all) console.log(line(version));
  } finally {
    await connection.close();
  }
}

const MEANING: Record<VersionInfo['state'], string> = {
  waiting: 'takes no work until it is promoted',
  current: 'new rollouts begin here',
  ramping: 'some new rollouts begin here',
  draining: 'its workers are needed until its rollouts are over',
  drained: 'its workers may be stopped',
};

function line({ build, state, running }: VersionInfo): string {
  return `${build.padEnd(24)}  ${state.padEnd(8)}  ${`${running} running`.padEnd(12)}  ${MEANING[state]}`;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
