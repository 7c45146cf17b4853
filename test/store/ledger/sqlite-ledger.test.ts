import { after } from 'mocha';
import { openStore } from '../../../src/store/store.ts';
import { ledgerContract } from '../../contract/ledger.ts';
import { temporaryPath } from '../audit/temporary-store.ts';

const folders = new AsyncDisposableStack();
after(() => folders.disposeAsync());

ledgerContract('SQLite', async () => {
  const { path } = folders.use(await temporaryPath());
  return openStore(path);
});
