import { openStore } from '../../../src/store/store.ts';
import { atOnceContract } from '../../contract/at-once.ts';
import { catalogueContract } from '../../contract/catalogue.ts';
import { commandLogContract } from '../../contract/command-log.ts';
import { changeStopLogContract } from '../../contract/change-stop-log.ts';
import { driftLogContract } from '../../contract/drift-log.ts';
import { hostRegistryContract } from '../../contract/host-registry.ts';
import { reaperLogContract } from '../../contract/reaper-log.ts';
import { requestLogContract } from '../../contract/request-log.ts';
import { copyEmptyStore } from '../../postgres/empty-stores.ts';
import { describeWithPostgres } from '../../postgres/with-postgres.ts';

describeWithPostgres('with Postgres', (cluster) => {
  const createEmpty = copyEmptyStore(cluster);
  const open = async () => openStore(await createEmpty());
  catalogueContract('Postgres', open);
  requestLogContract('Postgres', open);
  commandLogContract('Postgres', open);
  atOnceContract('Postgres', open);
  reaperLogContract('Postgres', open);
  changeStopLogContract('Postgres', open);
  driftLogContract('Postgres', open);
  hostRegistryContract('Postgres', open);
});
