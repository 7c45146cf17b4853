import { connectClient } from '../src/client/client.ts';
import type { SupplantClient } from '../src/contract/supplant-client.ts';
import { DEFAULT_ROUTER } from '../src/domain/service/service.ts';
import type { DataFolder } from '../src/data-folder.ts';
import { readLease, formatTemporalUi } from '../src/host/dev-lease.ts';
import { openRouters, readRouterOptions } from '../src/routing/registry.ts';
import type { Router } from '../src/routing/router.ts';
import { DevProcess } from './dev-process.ts';
import { endLeftovers } from './leftovers.ts';
import { Load } from './load.ts';
import { orAborted } from './or-aborted.ts';

/** Everything the demo starts, and the way to be rid of it. */
export class System {
  readonly #folder: DataFolder;
  readonly #onLost: (error: Error) => void;
  #dev: DevProcess | undefined;
  #load: Load | undefined;
  #client: SupplantClient | undefined;
  readonly #routers: ReturnType<typeof openRouters>;

  /** @param onLost told when a part of it ends by itself */
  constructor(folder: DataFolder, onLost: (error: Error) => void) {
    this.#folder = folder;
    this.#routers = openRouters(readRouterOptions({}, folder));
    this.#onLost = onLost;
  }

  async start(signal: AbortSignal): Promise<{ load: Load; client: SupplantClient; router: Router; ui: string }> {
    this.#load = new Load(this.#onLost);
    this.#dev = await DevProcess.start(this.#folder, this.#onLost);
    await orAborted(this.#dev.ready, signal);
    this.#client = await connectClient({ dataDir: this.#folder.root });
    const router = await this.#routers.of(DEFAULT_ROUTER);
    const lease = readLease(this.#folder.lease);
    return { load: this.#load, client: this.#client, router, ui: lease ? formatTemporalUi(lease) : '' };
  }

  /** Ends it in order. Returns how `supplant dev` ended: `exit code 0`. */
  async stop(): Promise<string> {
    await this.#load?.end();
    await this.#client?.close();
    await this.#routers.close();
    this.#load = this.#client = undefined;
    try {
      return (await this.#dev?.stop()) ?? 'it was not running';
    } finally {
      this.#dev = undefined;
    }
  }

  /** Ends it whatever state it is in, services included. May be repeated. */
  async end(): Promise<void> {
    await this.stop();
    await endLeftovers(this.#folder);
  }

  /** Whoever waits for {@link System.end} has lost patience. */
  hurry(): void {
    this.#dev?.hurry();
  }
}
