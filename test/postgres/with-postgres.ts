import { after, before, describe } from 'mocha';
import { postgresBinaries } from './binaries.ts';
import { type ClusterOptions, PostgresCluster } from './cluster.ts';

/**
 * Tests against a real Postgres, one for all of them. Where none is installed they are skipped; not in CI, where a test
 * that never runs would look like one that passes.
 */
export function describeWithPostgres(
  title: string,
  body: (cluster: () => PostgresCluster) => void,
  options: ClusterOptions = {},
): void {
  let cluster: PostgresCluster | undefined;
  const running = (): PostgresCluster => {
    if (!cluster) throw new Error('Postgres is there only while the tests run');
    return cluster;
  };
  if (postgresBinaries() === undefined && process.env.CI !== 'true') {
    describe.skip(`${title} (to run it: apt-get install postgresql)`, () => body(running));
    return;
  }
  describe(title, () => {
    before(async () => {
      cluster = await PostgresCluster.create(options);
    });
    after(() => cluster?.[Symbol.asyncDispose]());
    body(running);
  });
}
