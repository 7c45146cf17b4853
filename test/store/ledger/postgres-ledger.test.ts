import { openStore } from '../../../src/store/store.ts';
import { ledgerContract } from '../../contract/ledger.ts';
import { describeWithPostgres } from '../../postgres/with-postgres.ts';

describeWithPostgres('with Postgres', (cluster) => {
  ledgerContract('Postgres', async () => openStore(await cluster().createDatabase()));
});
