import { openStore } from '../../../src/store/store.ts';
import { ledgerContract } from '../../contract/ledger.ts';
import { copyEmptyStore } from '../../postgres/empty-stores.ts';
import { describeWithPostgres } from '../../postgres/with-postgres.ts';

describeWithPostgres('with Postgres', (cluster) => {
  const createEmpty = copyEmptyStore(cluster);
  ledgerContract('Postgres', async () => openStore(await createEmpty()));
});
