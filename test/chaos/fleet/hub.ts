import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectRemote } from '../../../src/client/remote-client.ts';
import type { SupplantClient } from '../../../src/contract/supplant-client.ts';
import { type DataFolder, resolveDataFolder } from '../../../src/data-folder.ts';
import { Part } from '../../../src/dev/part.ts';
import { findFreePort } from '../../../src/dev/ports.ts';
import { saysFromNowOn, waitFor } from '../../../src/dev/ready.ts';
import { findNativeTool } from '../../../src/native-tools.ts';
import { STORE_VARIABLE } from '../../../src/store/place.ts';
import { searchAttributeFlags } from '../../../src/temporal/search-attributes.ts';
import { CloudServer } from '../../doubles/cloud/server.ts';
import { Authority } from '../../gateway/auth/authority.ts';
import { PostgresCluster } from '../../postgres/cluster.ts';
import { generateToken, hashToken } from '../../routing/tls-home.ts';
import type { TemporalAddress } from '../temporal.ts';
import { Forwarder } from './forwarder.ts';
import { WITH_HARNESS } from './machine.ts';
import type { FleetNetwork } from './network.ts';

/** On an address that only this world has. */
const TEMPORAL_PORT = 7233;
const ADMIN_PORT = 7301;
const NAMESPACE = 'default';

/** Clients ask now the one and now the other. */
export const GATEWAYS = ['gateway-1', 'gateway-2'] as const;
const PART_NAMES = ['temporal', 'router', ...GATEWAYS] as const;
export type HubPart = (typeof PART_NAMES)[number];

const program = (name: string): string => fileURLToPath(new URL(`../../../src/${name}`, import.meta.url));

interface HubParts {
  cluster: PostgresCluster;
  cloud: CloudServer;
  authority: Authority;
  forwarder: Forwarder;
  storePlace: string;
  ports: { apis: number[]; temporal: number };
}

/** What no machine of the fleet has: Temporal, Postgres, the router, two gateways, and the double of a cloud. */
export class Hub implements AsyncDisposable {
  readonly folder: DataFolder;
  readonly cluster: PostgresCluster;
  readonly cloud: CloudServer;
  readonly temporal: TemporalAddress;
  /** For this machine. */
  readonly storePlace: string;
  /** What each machine has to have, and knows as `conf`. */
  readonly conf: string;
  readonly #address: string;
  readonly #authority: Authority;
  readonly #parts: Record<HubPart, Part>;
  #clients: SupplantClient[] = [];
  #asked = 0;
  readonly #forwarder: Forwarder;
  /** Of loopback. */
  readonly #ports: HubParts['ports'];

  private constructor(root: string, address: string, made: HubParts) {
    this.folder = resolveDataFolder(join(root, 'hub'));
    this.conf = join(root, 'conf');
    this.#address = address;
    this.cluster = made.cluster;
    this.cloud = made.cloud;
    this.storePlace = made.storePlace;
    this.#authority = made.authority;
    this.#forwarder = made.forwarder;
    this.#ports = made.ports;
    this.temporal = { address: `${address}:${TEMPORAL_PORT}`, namespace: NAMESPACE };
    this.#parts = this.#createParts();
  }

  static async open(root: string, { address, cidr }: FleetNetwork): Promise<Hub> {
    const [cluster, cloud, authority] = await Promise.all([
      PostgresCluster.create({ network: { address, cidr } }),
      CloudServer.start(address),
      Authority.make(),
    ]);
    const storePlace = await cluster.createDatabase();
    const temporal = await findFreePort(0, []);
    const ports = { temporal, apis: await findFreePorts(GATEWAYS.length, [temporal]) };
    const forwarder = await Forwarder.open(address, TEMPORAL_PORT, temporal);
    const hub = new Hub(root, address, { cluster, cloud, authority, forwarder, storePlace, ports });
    try {
      await hub.#start();
      return hub;
    } catch (error) {
      await hub[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Of the gateway whose turn it is. */
  get client(): SupplantClient {
    this.#asked += 1;
    const client = this.#clients[this.#asked % this.#clients.length];
    if (!client) throw new Error('not connected');
    return client;
  }

  /** What a worker has to know, which finds `conf` in its own folder. */
  describe(own: string): Record<string, string> {
    const { pathname } = new URL(this.storePlace);
    return {
      TEMPORAL_ADDRESS: this.temporal.address,
      TEMPORAL_NAMESPACE: this.temporal.namespace,
      [STORE_VARIABLE]: this.cluster.url(pathname.slice(1), { host: this.#address }),
      SUPPLANT_ROUTER: `https://${this.#address}:${ADMIN_PORT}`,
      SUPPLANT_ROUTER_CA: `${own}/conf/ca.pem`,
      SUPPLANT_ROUTER_TOKEN_FILE: `${own}/conf/token`,
      SUPPLANT_PASSPHRASE_FILE: `${own}/conf/passphrase`,
    };
  }

  /** Kills a part, which is started again at once. False while it is down. */
  strike(name: HubPart, how: NodeJS.Signals): boolean {
    const { pid } = this.#parts[name];
    if (pid === undefined) return false;
    try {
      process.kill(pid, how);
      return true;
    } catch {
      return false;
    }
  }

  restarts(name: HubPart): number {
    return this.#parts[name].restarts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    for (const name of PART_NAMES.toReversed()) await this.#parts[name].stop();
    this.#forwarder.close();
    await Promise.all([
      this.cloud[Symbol.asyncDispose](),
      this.cluster[Symbol.asyncDispose](),
      this.#authority.remove(),
    ]);
  }

  async #start(): Promise<void> {
    await mkdir(this.folder.logs, { recursive: true });
    await mkdir(this.conf, { recursive: true });
    const token = generateToken();
    const { cert, key } = await this.#authority.sign('/CN=router', [`subjectAltName=IP:${this.#address}`]);
    const write = (path: string, text: string) => writeFile(path, text, { mode: 0o600 });
    await Promise.all([
      write(this.#own('router.pem'), cert),
      write(this.#own('router.key'), key),
      write(this.#own('tokens'), `${hashToken(token)}\n`),
      write(join(this.conf, 'token'), `${token}\n`),
      write(join(this.conf, 'ca.pem'), await readFile(this.#authority.file, 'utf8')),
      write(join(this.conf, 'passphrase'), `${randomBytes(32).toString('base64url')}\n`),
    ]);
    const { signal } = new AbortController();
    const isUp = {
      temporal: 'Server:',
      router: '"ready":true',
      'gateway-1': 'gateway ready',
      'gateway-2': 'gateway ready',
    };
    for (const name of PART_NAMES) {
      const says = saysFromNowOn(this.#log(name), isUp[name]);
      this.#parts[name].start();
      await waitFor(name, says, signal);
    }
    const local = (await readFile(this.folder.token, 'utf8')).trim();
    this.#clients = await Promise.all(
      this.#ports.apis.map((port) => connectRemote({ address: `127.0.0.1:${port}`, token: local })),
    );
  }

  #own(file: string): string {
    return join(this.folder.root, file);
  }

  #log(name: HubPart): string {
    return join(this.folder.logs, `${name}.log`);
  }

  #createParts(): Record<HubPart, Part> {
    const part = (name: HubPart, command: string, args: string[], env: Record<string, string> = {}): Part =>
      new Part({
        ...{ name, env, cwd: this.folder.root, logFile: this.#log(name), graceMs: 15_000 },
        command: 'setpriv',
        args: [...WITH_HARNESS, command, ...args],
        onStart: () => undefined,
        log: () => undefined,
      });
    const { router, routerSocket, root } = this.folder;
    const admin = ['--admin', `${this.#address}:${ADMIN_PORT}`, '--token-file', this.#own('tokens')];
    const tls = ['--tls-cert', this.#own('router.pem'), '--tls-key', this.#own('router.key')];
    const place = ['--data', router, '--socket', routerSocket, '--listen', this.#address];
    const node = (name: string, ...args: string[]) => ['--disable-warning=ExperimentalWarning', program(name), ...args];
    const gateway = (name: HubPart, port = 0): Part =>
      part(name, process.execPath, node('gateway.ts', '--data', root, '--listen', `127.0.0.1:${port}`), {
        TEMPORAL_ADDRESS: this.temporal.address,
        TEMPORAL_NAMESPACE: NAMESPACE,
        [STORE_VARIABLE]: this.storePlace,
      });
    const [first, second] = this.#ports.apis;
    return {
      temporal: part('temporal', findNativeTool('temporal'), this.#temporalArgs()),
      router: part('router', process.execPath, [program('routing/embedded/main.ts'), ...place, ...admin, ...tls]),
      'gateway-1': gateway('gateway-1', first),
      'gateway-2': gateway('gateway-2', second),
    };
  }

  /** As `supplant dev` runs it. */
  #temporalArgs(): string[] {
    return [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(this.#ports.temporal), '--headless'],
      ...['--namespace', NAMESPACE, '--log-level', 'warn', '--db-filename', basename(this.folder.temporal)],
      ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'],
      ...['--dynamic-config-value', 'system.enableActivityEagerExecution=true'],
      ...searchAttributeFlags(),
    ];
  }
}

async function findFreePorts(count: number, taken: readonly number[]): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) found.push(await findFreePort(0, [...taken, ...found]));
  return found;
}
