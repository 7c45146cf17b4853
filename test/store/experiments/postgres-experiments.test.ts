import { openStore } from '../../../src/store/store.ts';
import { experimentsContract } from '../../contract/experiments.ts';
import { copyEmptyStore } from '../../postgres/empty-stores.ts';
import { describeWithPostgres } from '../../postgres/with-postgres.ts';

describeWithPostgres('with Postgres', (cluster) => {
  const createEmpty = copyEmptyStore(cluster);
  experimentsContract('Postgres', async () => openStore(await createEmpty()));
});
