import { openStore } from '../../../src/store/store.ts';
import { auditStoreContract } from '../../contract/audit-store.ts';
import { describeWithPostgres } from '../../postgres/with-postgres.ts';

describeWithPostgres('with Postgres', (cluster) => {
  auditStoreContract('Postgres', async () => (await openStore(await cluster().createDatabase())).audit);
});
