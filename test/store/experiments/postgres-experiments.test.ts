import { openStore } from '../../../src/store/store.ts';
import { experimentsContract } from '../../contract/experiments.ts';
import { describeWithPostgres } from '../../postgres/with-postgres.ts';

describeWithPostgres('with Postgres', (cluster) => {
  experimentsContract('Postgres', async () => openStore(await cluster().createDatabase()));
});
