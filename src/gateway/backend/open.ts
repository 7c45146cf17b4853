import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { DataFolder } from '../../data-folder.ts';
import { openStore } from '../../store/store.ts';
import { openRouters, readRouterOptions } from '../../routing/registry.ts';
import type { GatewaySettings } from '../settings.ts';
import { LocalBackend, type LocalBackendParts } from './local-backend.ts';

/** Where Temporal is, and its UI where that is known. */
export interface TemporalPlace {
  options: ConnectionOptions;
  namespace: string;
  ui?: string;
}

/** How long a caller waits for a store that restarts: callers ask again by themselves. In milliseconds. */
const STORE_PATIENCE_MS = 1500;

/**
 * Connects when it is first asked for something, and again whenever a connection is lost.
 *
 * @param store a path or a `postgres://` URL
 */
export function openBackend(
  folder: DataFolder,
  { options, namespace, ui }: TemporalPlace,
  store: string = folder.store,
  settings: GatewaySettings & Pick<LocalBackendParts, 'warn'> = {},
): LocalBackend {
  return new LocalBackend({
    temporal: new Client({ connection: Connection.lazy({ connectTimeout: '5s', ...options }), namespace }),
    routers: openRouters(readRouterOptions(process.env, folder)),
    openStore: () => openStore(store, { isPrepared: true, patienceMs: STORE_PATIENCE_MS }),
    namespace,
    stacks: folder.stacks,
    ...settings,
    ...(ui === undefined ? {} : { ui }),
  });
}
