import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { DataFolder } from '../data-folder.ts';
import { openStore } from '../store/store.ts';
import { EmbeddedRouter } from '../traffic/embedded/client.ts';
import { LocalBackend } from './local-backend.ts';

/** Where Temporal is, and its UI where that is known. */
export interface TemporalPlace {
  options: ConnectionOptions;
  namespace: string;
  ui?: string;
}

/** Connects when it is first asked for something, and again whenever a connection is lost. */
export function openBackend(folder: DataFolder, { options, namespace, ui }: TemporalPlace): LocalBackend {
  return new LocalBackend({
    temporal: new Client({ connection: Connection.lazy({ connectTimeout: '5s', ...options }), namespace }),
    router: new EmbeddedRouter({ socketPath: folder.routerSocket }),
    openStore: () => openStore(folder.store, { readOnly: true }),
    namespace,
    ...(ui === undefined ? {} : { ui }),
  });
}
