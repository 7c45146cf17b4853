import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection, Client } from '@temporalio/client';
import { inventory, sweep } from '../../blueprints/local-process/inventory.ts';
import type { SupplantClient } from '../../src/contract/supplant-client.ts';
import { connectClient } from '../../src/client/client.ts';
import { type DataFolder, resolveDataFolder } from '../../src/data-folder.ts';
import { type Lease, formatTemporalAddress, writeLease } from '../../src/host/dev-lease.ts';
import { type Parts, createParts, locateLog } from '../../src/dev/parts.ts';
import { findFreePort } from '../../src/dev/ports.ts';
import { saysFromNowOn, waitFor } from '../../src/dev/ready.ts';
import { chooseTemporalPlace } from '../../src/dev/temporal-place.ts';
import { identifySelf } from '../../src/host/process-identity.ts';
import { STORE_VARIABLE } from '../../src/store/place.ts';
import { WORKER, WorkerProcess } from './worker-process.ts';

/**
 * Supplant on a data folder of its own as it is run in production: Temporal, the router and a gateway as `supplant dev`
 * has them, and as many workers as are started, each with options of its own.
 */
export class Installation implements AsyncDisposable {
  readonly folder: DataFolder;
  readonly temporal: Client;
  readonly client: SupplantClient;
  readonly workers: WorkerProcess[] = [];
  readonly #parts: Parts;
  readonly #environment: Environment;

  private constructor(
    folder: DataFolder,
    { parts, environment, temporal, client }: { parts: Parts; environment: Environment } & Clients,
  ) {
    this.folder = folder;
    this.temporal = temporal;
    this.client = client;
    this.#parts = parts;
    this.#environment = environment;
  }

  /** @param options.store where the record is; in the data folder unless told */
  static async start({ store }: { store?: string } = {}): Promise<Installation> {
    const folder = resolveDataFolder(await mkdtemp(join(tmpdir(), 'supplant-installation-')));
    const lease = await takePorts(folder);
    const parts = createParts(
      folder,
      lease,
      { access: undefined, blueprints: [], store },
      { onStart: () => undefined, log: () => undefined },
    );
    try {
      await startWithoutWorker(folder, parts);
      const environment = {
        TEMPORAL_ADDRESS: formatTemporalAddress(lease),
        TEMPORAL_NAMESPACE: lease.temporal.namespace,
        ...(store === undefined ? {} : { [STORE_VARIABLE]: store }),
      };
      return new Installation(folder, { parts, environment, ...(await connect(folder, environment)) });
    } catch (error) {
      await Promise.all([parts.gateway.stop(), parts.router.stop(), parts.temporal.stop()]);
      throw error;
    }
  }

  /** For commands that are to find this installation's Temporal. */
  get environment(): Environment {
    return this.#environment;
  }

  startWorker(
    name: string,
    {
      program = WORKER,
      args = [],
      env = {},
    }: { program?: string; args?: string[]; env?: Readonly<Record<string, string>> } = {},
  ): WorkerProcess {
    const worker = new WorkerProcess(program, [...(program === WORKER ? ['--data'] : []), this.folder.root, ...args], {
      env: { ...this.#environment, ...env },
      logFile: join(this.folder.logs, `${name}.log`),
    });
    this.workers.push(worker);
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.#parts.gateway.stop();
    await Promise.all(this.workers.map((worker) => worker.end('SIGTERM')));
    await this.temporal.connection.close();
    await Promise.all([this.#parts.router.stop(), this.#parts.temporal.stop()]);
    for (const stack of await inventory(this.folder.stacks)) await sweep(this.folder.stacks, stack);
    await rm(this.folder.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Where its Temporal is. */
type Environment = Readonly<Record<'TEMPORAL_ADDRESS' | 'TEMPORAL_NAMESPACE', string>>;

interface Clients {
  temporal: Client;
  client: SupplantClient;
}

async function takePorts(folder: DataFolder): Promise<Lease> {
  const temporal = await chooseTemporalPlace(folder, { port: 0, uiPort: 0 });
  const api = { host: '127.0.0.1', port: await findFreePort(0, [temporal.port, temporal.uiPort, temporal.ui.port]) };
  const lease: Lease = { v: 3, dev: identifySelf(), parts: {}, temporal, api };
  await writeLease(folder.lease, lease);
  return lease;
}

async function startWithoutWorker(folder: DataFolder, parts: Parts): Promise<void> {
  const { signal } = new AbortController();
  const temporalIsUp = saysFromNowOn(locateLog(folder, 'temporal'), 'Server:');
  const gatewayIsUp = saysFromNowOn(locateLog(folder, 'gateway'), 'gateway ready');
  parts.temporal.start();
  parts.router.start();
  await waitFor('temporal', temporalIsUp, signal);
  parts.gateway.start();
  await waitFor('gateway', gatewayIsUp, signal);
}

async function connect(folder: DataFolder, environment: Environment): Promise<Clients> {
  const connection = await Connection.connect({ address: environment.TEMPORAL_ADDRESS });
  const temporal = new Client({ connection, namespace: environment.TEMPORAL_NAMESPACE });
  return { temporal, client: await connectClient({ dataDir: folder.root }) };
}
