import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { runningProcesses } from '../../blueprints/local-process/inventory.ts';
import { ApiError, type SupplantClient } from '../../src/contract/supplant-client.ts';
import { connectClient } from '../../src/client/client.ts';
import { type DataFolder, resolveDataFolder } from '../../src/data-folder.ts';
import { type Lease, formatTemporalAddress, readLease, writeLease } from '../../src/host/dev-lease.ts';
import type { RequestMeta } from '../../src/domain/service/requests.ts';
import type { ServiceKey, ServiceSpec } from '../../src/domain/service/service.ts';
import { isAlive } from '../../src/host/process-identity.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/supplant', import.meta.url));

/** Environment variable with the data folder of the `supplant dev` that test files share, where there is one. */
export const SHARED_PLATFORM = 'SUPPLANT_TEST_PLATFORM';

export interface PlatformOptions {
  /** The data folder; one of its own unless told. */
  root?: string;
  /** Besides this process's environment. */
  env?: Record<string, string>;
  /** Not the usual ports, which another installation may take as soon as a part of this one dies. */
  anyPorts?: boolean;
  /** Further arguments of `supplant dev`. */
  args?: string[];
}

/** As if an earlier `supplant dev` had run there, on ports that nobody can have. */
export const NO_PORTS: Lease = {
  v: 3,
  dev: { pid: 0, started: 'never' },
  parts: {},
  temporal: { port: 0, uiPort: 0, ui: { host: '127.0.0.1', port: 0 }, namespace: '' },
  api: { host: '127.0.0.1', port: 0 },
};

/** All of Supplant as `supplant dev` runs it, on a data folder of its own. */
export class Platform {
  readonly folder: DataFolder;
  readonly #options: PlatformOptions;
  #process: ChildProcess | undefined;
  #output = '';
  #client: SupplantClient | undefined;
  #isShared = false;

  private constructor(root: string, options: PlatformOptions) {
    this.folder = resolveDataFolder(root);
    this.#options = options;
  }

  static async start(options: PlatformOptions = {}): Promise<Platform> {
    const platform = new Platform(options.root ?? (await mkdtemp(join(tmpdir(), 'supplant-e2e-'))), options);
    if (options.anyPorts === true) await writeLease(platform.folder.lease, NO_PORTS);
    await platform.start();
    return platform;
  }

  /**
   * For tests that neither stop nor change it, and whose services are called as nobody else's are: the one that all test
   * files of a run share, or else one of their own.
   */
  static async share(): Promise<Platform> {
    const root = process.env[SHARED_PLATFORM];
    if (root === undefined) return Platform.start({ anyPorts: true });
    const platform = new Platform(root, {});
    platform.#isShared = true;
    platform.#client = await connectClient({ dataDir: root });
    return platform;
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get client(): SupplantClient {
    if (!this.#client) throw new Error('not connected');
    return this.#client;
  }

  async start(): Promise<void> {
    this.#output = '';
    const { env, args = [] } = this.#options;
    const child = spawn(LAUNCHER, ['dev', '--data', this.folder.root, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.#output += chunk.toString('utf8')));
    }
    await this.until('supplant dev is ready', () => {
      if (child.exitCode !== null) throw new Error(`supplant dev ended:\n${this.#output}`);
      return this.#output.includes('Supplant runs here');
    });
    await this.#client?.close();
    this.#client = await connectClient({ dataDir: this.folder.root });
  }

  /** As one Ctrl-C does. Returns the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    await this.#client?.close();
    this.#client = undefined;
    const child = this.#process;
    if (!child) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await ended;
    }
    this.#process = undefined;
    return child.exitCode;
  }

  /** Ends everything, services included, and forgets it; what others share stays. */
  async dispose(): Promise<void> {
    await this.stop();
    if (this.#isShared) return;
    await this.endServices();
    await rm(this.folder.root, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Its Temporal, for what the API does not tell. */
  async connectTemporal(): Promise<TemporalClient> {
    const lease = this.lease();
    const connection = await Connection.connect({ address: formatTemporalAddress(lease) });
    return new TemporalClient({ connection, namespace: lease.temporal.namespace });
  }

  lease(): Lease {
    const lease = readLease(this.folder.lease);
    if (!lease) throw new Error('there is no lease');
    return lease;
  }

  /** That of its API. */
  async token(): Promise<string> {
    return (await readFile(this.folder.token, 'utf8')).trim();
  }

  partPid(name: string): number {
    const part = this.lease().parts[name];
    if (!part || !isAlive(part)) throw new Error(`${name} does not run`);
    return part.pid;
  }

  async logOf(name: string): Promise<string> {
    return readFile(join(this.folder.logs, `${name}.log`), 'utf8');
  }

  /** Pids of everything the local-process blueprint has running here, or of one stack. */
  async pids(stack?: string): Promise<number[]> {
    const running = await runningProcesses(this.folder.stacks);
    return running.filter((each) => stack === undefined || each.stack === stack).map(({ pid }) => pid);
  }

  /** Pids of all of a service's stacks, whatever its revision. */
  async pidsOf({ name, environment }: ServiceKey): Promise<number[]> {
    const stacks = `${name}-${environment}-r`;
    const running = await runningProcesses(this.folder.stacks);
    return running.filter(({ stack }) => stack.startsWith(stacks)).map(({ pid }) => pid);
  }

  async endServices(): Promise<void> {
    for (const pid of await this.pids()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
  }

  async until(what: string, fact: () => boolean | Promise<boolean>, limitMs = 90_000): Promise<void> {
    const deadline = Date.now() + limitMs;
    const isFact = async (): Promise<boolean> => fact();
    while (!(await isFact().catch(notBegun))) {
      if (Date.now() > deadline) throw new Error(`${what}: not within ${limitMs} ms`);
      await sleep(25);
    }
  }
}

/** What was asked for is queued for a moment, in which nobody can say more of it. */
export function notBegun(error: unknown): false {
  if (error instanceof ApiError && error.message.endsWith('is queued and has not begun')) return false;
  throw error;
}

export function change(actor = 'tester'): RequestMeta {
  return { actor, reason: 'a test', requestId: randomUUID() };
}

/** A server that answers `status` and its version, for `/slow` after `slowMs`, takes `startMs` to listen, and says so. */
export function command(version: string, { status = 200, startMs = 0, slowMs = 0 } = {}): ServiceSpec['blueprint'] {
  const source = [
    "const server = require('http').createServer((q, s) => {",
    `  const answer = () => { s.writeHead(${status}, { 'x-version': ${JSON.stringify(version)} });`,
    `    s.end(${JSON.stringify(version)}); };`,
    `  if (q.url === '/slow') setTimeout(answer, ${slowMs}); else answer(); });`,
    `setTimeout(() => server.listen(process.env.PORT, process.env.HOST, () => console.log('listening')), ${startMs});`,
    "process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });",
  ].join('\n');
  return { name: 'local-process', config: { command: [process.execPath, '-e', source], stopGrace: '2s' } };
}

export function spec(name: string, blueprint: ServiceSpec['blueprint'], more: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    service: { name, environment: 'test' },
    artifact: 'command',
    blueprint,
    router: { kind: 'embedded' },
    strategy: { kind: 'blue-green', bakeMs: 300 },
    checks: [
      {
        kind: 'http',
        name: 'answers',
        path: '/',
        status: [200],
        responseHeaders: {},
        successes: 1,
        intervalMs: 50,
        timeoutMs: 800,
        deadlineMs: 1_000,
      },
    ],
    retention: { warm: 1, warmForMs: 600_000 },
    ...more,
  };
}
