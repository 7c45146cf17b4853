import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { DataFolder } from '../data-folder.ts';
import { openStore } from '../sqlite/store.ts';
import { EmbeddedRouter } from '../traffic/embedded/client.ts';
import type { SupplantClient } from './api.ts';
import { apiError } from './errors.ts';
import { LocalClient } from './local-client.ts';

/** Where Temporal is, and its UI where that is known. */
export interface LocalTarget {
  options: ConnectionOptions;
  namespace: string;
  ui?: string;
}

/** @throws ApiError UNAVAILABLE when Temporal does not answer */
export async function openLocalClient(
  folder: DataFolder,
  { options, namespace, ui }: LocalTarget,
): Promise<SupplantClient> {
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
