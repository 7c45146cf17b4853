import { after } from 'mocha';
import { openStore } from '../../../src/store/store.ts';
import { experimentsContract } from '../../contract/experiments.ts';
import { temporaryPath } from '../audit/temporary-store.ts';

const folders = new AsyncDisposableStack();
after(() => folders.disposeAsync());

experimentsContract('SQLite', async () => {
  const { path } = folders.use(await temporaryPath());
  return openStore(path);
});
