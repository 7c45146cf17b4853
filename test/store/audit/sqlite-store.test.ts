import { after } from 'mocha';
import { auditStoreContract } from '../../contract/audit-store.ts';
import { openStore } from '../../../src/store/store.ts';
import { temporaryPath } from './temporary-store.ts';

const folders = new AsyncDisposableStack();
after(() => folders.disposeAsync());

auditStoreContract('SQLite', async () => {
  const { path } = folders.use(await temporaryPath());
  return (await openStore(path)).audit;
});
