import { openStore } from '../../../src/store/store.ts';
import { auditStoreContract } from '../../contract/audit-store.ts';
import { copyEmptyStore } from '../../postgres/empty-stores.ts';
import { describeWithPostgres } from '../../postgres/with-postgres.ts';

describeWithPostgres('with Postgres', (cluster) => {
  const createEmpty = copyEmptyStore(cluster);
  auditStoreContract('Postgres', async () => (await openStore(await createEmpty())).audit);
});
