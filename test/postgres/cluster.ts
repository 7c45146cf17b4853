import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { findFreePort } from '../../src/dev/ports.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { postgresBinaries, unprivileged } from './binaries.ts';
import { PASSWORD, USER, locateData, makeData, makeFolder } from './new-cluster.ts';

export interface ClusterOptions {
  /** Sync to the disk, as a server should. Without it a cluster starts and commits faster, and a power cut ruins it. */
  durable?: boolean;
  /** An address of this machine that it listens at as well, and the network that may connect there. */
  network?: { address: string; cidr: string };
  /** Further settings of the server: `{ max_connections: 20 }`. */
  settings?: Record<string, string | number>;
}

const LOOPBACK = '127.0.0.1';

const START_MS = 60_000;
const STARTS_TO_TRY = 5;

/** A Postgres of one's own, on a free port of loopback, in a temporary folder that goes with it. */
export class PostgresCluster implements AsyncDisposable {
  readonly #binaries: string;
  readonly #folder: string;
  readonly #options: ClusterOptions;
  readonly #account = unprivileged();
  #port = 0;
  #server: ChildProcess | undefined;
  #log = '';
  #databases = 0;

  private constructor(binaries: string, folder: string, options: ClusterOptions) {
    this.#binaries = binaries;
    this.#folder = folder;
    this.#options = options;
  }

  /** Makes one and starts it. */
  static async create(options: ClusterOptions = {}): Promise<PostgresCluster> {
    const binaries = postgresBinaries();
    if (binaries === undefined) throw new Error("there is no Postgres here: install Debian's postgresql");
    const cluster = new PostgresCluster(binaries, await makeFolder(), options);
    try {
      await cluster.#initialise();
      await cluster.start();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  get port(): number {
    return this.#port;
  }

  /** What it has written to its log since it was made. */
  get log(): string {
    return this.#log;
  }

  url(database = 'postgres', { user = USER, password = PASSWORD, host = LOOPBACK, port = this.#port } = {}): string {
    return `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  }

  /** Makes an empty database and returns its URL. */
  async createDatabase(more = ''): Promise<string> {
    this.#databases += 1;
    const name = `test_${this.#databases}`;
    await this.query(`create database ${name} ${more}`);
    return this.url(name);
  }

  /** As the owner of everything, on a connection of its own. */
  async query<Row extends QueryResultRow>(sql: string, url = this.url()): Promise<Row[]> {
    const client = new Client({ connectionString: url });
    // It may be the server that ends it.
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** On the same port as before: whoever was told the URL has it still. */
  async start(): Promise<void> {
    const isFirst = this.#port === 0;
    for (let attempt = 1; ; attempt += 1) {
      if (this.#port === 0) this.#port = await findFreePort(0);
      if (await this.#startOnce()) return;
      if (attempt === STARTS_TO_TRY) throw new Error(`Postgres does not start:\n${this.#log.slice(-2000)}`);
      if (isFirst) this.#port = 0;
    }
  }

  /** `fast` calls off what is under way; `immediate` ends at once, and recovers at the next start. */
  async stop(how: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await this.#end(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
  }

  /** Kills the server, which does not get to say goodbye to anyone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('immediate');
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  async #initialise(): Promise<void> {
    const account = this.#account;
    await mkdir(join(this.#folder, 'socket'));
    if (account) await chown(join(this.#folder, 'socket'), account.uid, account.gid);
    const { durable = false, network } = this.#options;
    await makeData(this.#binaries, this.#folder, durable);
    if (network) await appendFile(join(this.#data, 'pg_hba.conf'), `host all all ${network.cidr} scram-sha-256\n`);
  }

  get #data(): string {
    return locateData(this.#folder);
  }

  async #startOnce(): Promise<boolean> {
    const settings = {
      listen_addresses: [LOOPBACK, ...(this.#options.network ? [this.#options.network.address] : [])].join(','),
      port: this.#port,
      unix_socket_directories: join(this.#folder, 'socket'),
      shared_buffers: '16MB',
      ...(this.#options.durable ? {} : { fsync: 'off' }),
      ...this.#options.settings,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = spawn(join(this.#binaries, 'postgres'), ['-D', this.#data, ...args], {
      ...this.#account,
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#server = server;
    process.once('exit', this.#killNow);
    for (const stream of [server.stdout, server.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (this.#log += chunk));
    }
    const hasEnded = (): boolean => server.exitCode !== null || server.signalCode !== null;
    // Not somebody else's cluster, which may have the port.
    const folder = "select current_setting('data_directory') as folder";
    const answers = (): Promise<boolean> =>
      this.query<{ folder: string }>(folder).then(([row]) => row?.folder === this.#data || hasEnded(), hasEnded);
    if (!(await waitUntil(START_MS, answers))) throw new Error(`Postgres does not answer:\n${this.#log.slice(-2000)}`);
    return !hasEnded();
  }

  readonly #killNow = (): void => {
    this.#server?.kill('SIGKILL');
  };

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server;
    process.off('exit', this.#killNow);
    if (server?.exitCode !== null || server.signalCode !== null) return;
    // Its pipes close only when the last of its processes has ended, too.
    const ended = once(server, 'close');
    server.kill(signal);
    await ended;
  }
}
