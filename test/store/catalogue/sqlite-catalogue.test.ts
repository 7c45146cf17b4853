import { after } from 'mocha';
import { atOnceContract } from '../../contract/at-once.ts';
import { catalogueContract } from '../../contract/catalogue.ts';
import { commandLogContract } from '../../contract/command-log.ts';
import { changeStopLogContract } from '../../contract/change-stop-log.ts';
import { driftLogContract } from '../../contract/drift-log.ts';
import { hostRegistryContract } from '../../contract/host-registry.ts';
import { reaperLogContract } from '../../contract/reaper-log.ts';
import { requestLogContract } from '../../contract/request-log.ts';
import { openStore } from '../../../src/store/store.ts';
import { temporaryPath } from '../audit/temporary-store.ts';

const folders = new AsyncDisposableStack();
after(() => folders.disposeAsync());

const open = async () => {
  const { path } = folders.use(await temporaryPath());
  return openStore(path);
};

catalogueContract('SQLite', open);
requestLogContract('SQLite', open);
commandLogContract('SQLite', open);
atOnceContract('SQLite', open);
reaperLogContract('SQLite', open);
changeStopLogContract('SQLite', open);
driftLogContract('SQLite', open);
hostRegistryContract('SQLite', open);
