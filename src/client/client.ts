import { existsSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { type DataFolder, dataFolder } from '../data-folder.ts';
import { NAMESPACE, isHeld, readLease, temporalAddress, temporalUi } from '../dev/lease.ts';
import { openStore } from '../sqlite/store.ts';
import { temporalTarget } from '../temporal/target.ts';
import { EmbeddedRouter } from '../traffic/embedded/client.ts';
import { ApiError, type SupplantClient } from './api.ts';
import { LocalClient } from './local-client.ts';
import { apiError } from './errors.ts';

/**
 * Connects to what runs on a data folder: to `supplant dev` there, else to the Temporal that the standard `TEMPORAL_*`
 * environment names.
 * @throws ApiError UNAVAILABLE when neither is there
 */
export async function connectClient({ dataDir }: { dataDir: string }): Promise<SupplantClient> {
  const folder = dataFolder(dataDir);
  const { options, namespace, ui } = target(folder);
  try {
    const connection = await Connection.connect({ ...options, connectTimeout: '5s' });
    return new LocalClient({
      temporal: new Client({ connection, namespace }),
      router: new EmbeddedRouter({ socketPath: folder.routerSocket }),
      openStore: () => openStore(folder.store, { readOnly: true }),
      namespace,
      ...(ui === undefined ? {} : { ui }),
    });
  } catch (error) {
    throw apiError(error);
  }
}

function target(folder: DataFolder) {
  const lease = readLease(folder.lease);
  if (lease && isHeld(lease)) {
    return { options: { address: temporalAddress(lease) }, namespace: NAMESPACE, ui: temporalUi(lease) };
  }
  const { connectionOptions, namespace = NAMESPACE } = temporalTarget();
  if (connectionOptions.address !== undefined) {
    return { options: connectionOptions, namespace, ui: process.env.TEMPORAL_UI_ADDRESS };
  }
  const what = existsSync(folder.root) ? `nothing runs on ${folder.root}` : `there is no data folder ${folder.root}`;
  throw new ApiError('UNAVAILABLE', what, {
    suggestion: 'start it with `supplant dev`, or name another folder with --data, or set TEMPORAL_ADDRESS',
  });
}
