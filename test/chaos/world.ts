import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { SupplantClient } from '../../src/contract/supplant-client.ts';
import { formatTemporalAddress } from '../../src/host/dev-lease.ts';
import { Part } from '../../src/dev/part.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { acceptsConnections } from '../../src/host/socket.ts';
import { DEFAULT_ROUTER, type RouterSpec } from '../../src/domain/service/service.ts';
import { findHaproxy } from '../../src/routing/haproxy/program.ts';
import { openRouters, readRouterOptions } from '../../src/routing/registry.ts';
import type { Router } from '../../src/routing/router.ts';
import { backUpStore } from '../../src/store/backup/commands.ts';
import { STORE_VARIABLE } from '../../src/store/place.ts';
import { Platform } from '../e2e/platform.ts';
import { PostgresCluster } from '../postgres/cluster.ts';
import { OwnClock } from './clock.ts';
import { smallDisk, unmount } from './disk.ts';
import { RECEIVER_ENVIRONMENT, type Receiver } from './guards/receiver.ts';
import { Outages } from './outages.ts';
import type { Variant } from './plan.ts';
import { isPart, ofKind, processesOf, signal } from './processes.ts';

const WORKER = fileURLToPath(new URL('../../src/worker.ts', import.meta.url));

const FAULTY = fileURLToPath(new URL('../doubles/faulty-blueprint/index.ts', import.meta.url));

/** A provider that hangs is noticed within seconds here, not within half an hour. */
const ENVIRONMENT = { SUPPLANT_STEP_LIMIT: '4s', ...RECEIVER_ENVIRONMENT };

/** For parts to come back by themselves, in milliseconds: `supplant dev` pauses for 10 s at most between two starts. */
const COME_BACK_MS = 60_000;

interface WorldParts {
  routers: ReturnType<typeof openRouters>;
  router: Router;
  routerSpec: RouterSpec;
  hasSmallDisk: boolean;
  clock: OwnClock | undefined;
  cluster: PostgresCluster | undefined;
  /** Of all its processes. */
  env: Record<string, string>;
}

/** All of Supplant on a data folder of its own, and what a fault can be done to. */
export class World {
  readonly platform: Platform;
  readonly router: Router;
  /** What splits its services' traffic. */
  readonly routerSpec: RouterSpec;
  readonly #routers: ReturnType<typeof openRouters>;
  /** Of the run that goes on now. */
  outages = new Outages();
  /** What the gates and hooks of that run call. */
  receiver: Receiver | undefined;
  #second: Part | undefined;
  #restarting: Promise<void> = Promise.resolve();

  /** Whether its data folder is a file system of its own. */
  readonly hasSmallDisk: boolean;
  readonly clock: OwnClock | undefined;
  /** Where the audit log and the catalogue are, unless they are in a file. */
  readonly cluster: PostgresCluster | undefined;
  #postgres: Promise<void> = Promise.resolve();
  readonly #env: Record<string, string>;

  private constructor(
    platform: Platform,
    { hasSmallDisk, clock, cluster, env, routers, router, routerSpec }: WorldParts,
  ) {
    this.platform = platform;
    this.hasSmallDisk = hasSmallDisk;
    this.clock = clock;
    this.cluster = cluster;
    this.#env = env;
    this.#routers = routers;
    this.router = router;
    this.routerSpec = routerSpec;
  }

  /** @param more of the environment of all its processes */
  static async open(
    { smallDisk: wantsSmallDisk, ownClock, postgres, router: kind }: Variant,
    more: Record<string, string> = {},
  ): Promise<World> {
    const disk = wantsSmallDisk ? await smallDisk() : undefined;
    const root = disk ?? (await mkdtemp(join(tmpdir(), 'supplant-chaos-')));
    const clock = ownClock ? OwnClock.in(root) : undefined;
    const cluster = postgres ? await PostgresCluster.create() : undefined;
    const store = cluster ? { [STORE_VARIABLE]: await cluster.createDatabase() } : {};
    const env = { ...ENVIRONMENT, ...more, ...clock?.env, ...store };
    const haproxy = kind === 'haproxy' && (await isInstalled());
    const args = ['--blueprint', FAULTY, ...(haproxy ? ['--haproxy'] : [])];
    const platform = await Platform.start({ root, anyPorts: true, args, env });
    const routers = openRouters(readRouterOptions({}, platform.folder));
    const routerSpec: RouterSpec = haproxy ? { kind: 'haproxy' } : DEFAULT_ROUTER;
    const router = await routers.of(routerSpec);
    return new World(platform, { hasSmallDisk: disk !== undefined, clock, cluster, env, routers, router, routerSpec });
  }

  get root(): string {
    return this.platform.folder.root;
  }

  /** A path or a URL. */
  get storePlace(): string {
    return this.#env[STORE_VARIABLE] ?? this.platform.folder.store;
  }

  /** @throws while `supplant dev` is down */
  get client(): SupplantClient {
    return this.platform.client;
  }

  /** A second worker on the same task queues, started again when it dies. */
  startSecondWorker(): void {
    if (this.#second) return;
    const lease = this.platform.lease();
    this.#second = new Part({
      name: 'worker-2',
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', WORKER, '--data', this.root, '--blueprint', FAULTY],
      env: {
        ...this.#env,
        TEMPORAL_ADDRESS: formatTemporalAddress(lease),
        TEMPORAL_NAMESPACE: lease.temporal.namespace,
      },
      logFile: join(this.platform.folder.logs, 'worker-2.log'),
      onStart: () => undefined,
      log: () => undefined,
      graceMs: 45_000,
    });
    this.#second.start();
  }

  async stopSecondWorker(): Promise<void> {
    await this.#second?.stop();
    this.#second = undefined;
  }

  /** `supplant dev` dies; what it has started goes on without it until the next one has ended it. */
  restartDev(): Promise<void> {
    return this.#inTurn(() => this.#restartDev());
  }

  /** Every process at once, services' own included; then the machine boots and somebody starts `supplant dev`. */
  cutPower(): Promise<void> {
    return this.#inTurn(() => this.#cutPower());
  }

  /** One who ends Postgres has it back before the next one does. */
  withPostgres(act: () => Promise<void>): Promise<void> {
    const turn = this.#postgres.then(act);
    this.#postgres = turn.catch(() => undefined);
    return turn;
  }

  /** Nobody starts it twice at once, whoever has ended it. */
  #inTurn(restart: () => Promise<void>): Promise<void> {
    const turn = this.#restarting.then(restart);
    this.#restarting = turn.catch(() => undefined);
    return turn;
  }

  async #restartDev(): Promise<void> {
    const again = this.#second !== undefined;
    await this.platform.stop('SIGKILL');
    await this.stopSecondWorker();
    const outage = this.outages.begin('supplant dev starts anew');
    await this.#startAgain();
    this.outages.over(outage);
    if (again) this.startSecondWorker();
  }

  async #cutPower(): Promise<void> {
    const again = this.#second !== undefined;
    const outage = this.outages.begin('power cut');
    this.#second?.kill();
    this.#second = undefined;
    // Twice: whoever was just being started was in no list yet.
    for (let round = 0; round < 2; round += 1) for (const each of processesOf(this.root)) signal(each, 'SIGKILL');
    await this.platform.stop('SIGKILL');
    await this.#cutPostgres();
    await waitUntil(COME_BACK_MS, () => {
      const left = processesOf(this.root);
      for (const each of left) signal(each, 'SIGKILL');
      return left.length === 0;
    });
    await this.#startAgain();
    this.outages.over(outage);
    if (again) this.startSecondWorker();
  }

  /** Whoever else has ended it has it back first. */
  async #cutPostgres(): Promise<void> {
    const { cluster } = this;
    if (!cluster) return;
    await this.withPostgres(async () => {
      await cluster.kill();
      await cluster.start();
    });
  }

  /** As a supervisor of services does: it may take several starts, on a full disk for instance. */
  async #startAgain(): Promise<void> {
    const deadline = performance.now() + COME_BACK_MS;
    for (let isUp = false; !isUp;) {
      try {
        await this.platform.start();
        isUp = true;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await sleep(500);
      }
    }
    await this.routerIsBack();
  }

  /** Whether the traffic of its services goes through processes of HAProxy. */
  get isOfHaproxy(): boolean {
    return this.routerSpec.kind === 'haproxy';
  }

  async routerIsBack(): Promise<void> {
    const { routerSocket, haproxySocket } = this.platform.folder;
    const isBack = await waitUntil(COME_BACK_MS, async () =>
      this.isOfHaproxy
        ? ofKind(this.root, 'haproxy-control').length > 0 && (await acceptsConnections(haproxySocket))
        : ofKind(this.root, 'router').length > 0 && (await acceptsConnections(routerSocket)),
    );
    if (!isBack) throw new Error(`the router was not back within ${COME_BACK_MS} ms`);
  }

  /** Until everything that was struck runs again and answers. */
  async calm(): Promise<void> {
    const workers = this.#second ? 2 : 1;
    const isCalm = await waitUntil(COME_BACK_MS, async () => {
      const found = processesOf(this.root);
      const count = (kind: string): number => found.filter((each) => each.kind === kind).length;
      const all =
        count('worker') >= workers && (['temporal', 'router', 'gateway'] as const).every((kind) => count(kind));
      return all && (await answers(this.platform));
    });
    if (!isCalm) throw new Error(`not everything ran again within ${COME_BACK_MS} ms`);
  }

  /** Ends it in order and forgets it. Returns what is left, which must be nothing. */
  async close(): Promise<string[]> {
    await this.#end();
    // What keeps a log ends by itself once it has all of it.
    await waitUntil(KEEPERS_END_MS, () => processesOf(this.root).length === 0);
    const left = processesOf(this.root);
    for (const each of left) signal(each, 'SIGKILL');
    await this.#forget();
    return left.map(({ pid, kind }) => `${kind} ${pid}`);
  }

  /** Ends it and keeps what it has written, for whoever wants to know what went wrong. */
  async keep(): Promise<string[]> {
    await this.#end();
    await this.platform.endServices();
    const left = processesOf(this.root);
    for (const each of left) signal(each, 'SIGKILL');
    await this.#keepPostgres();
    return left.filter(({ kind }) => isPart(kind)).map(({ pid, kind }) => `${kind} ${pid}`);
  }

  /** Its database as a file beside the rest. */
  async #keepPostgres(): Promise<void> {
    if (!this.cluster) return;
    await backUpStore(this.storePlace, join(this.root, 'postgres.backup'));
    await this.cluster[Symbol.asyncDispose]();
  }

  /** Whatever state it is in. */
  async cease(): Promise<void> {
    this.#second?.kill();
    for (let round = 0; round < 2; round += 1) for (const each of processesOf(this.root)) signal(each, 'SIGKILL');
    await this.#forget();
  }

  async #forget(): Promise<void> {
    await this.cluster?.[Symbol.asyncDispose]();
    if (!this.hasSmallDisk) return this.platform.dispose();
    await this.platform.stop();
    await this.platform.endServices();
    unmount(this.root);
  }

  async #end(): Promise<void> {
    await this.stopSecondWorker();
    await this.#routers.close();
    await this.platform.stop();
  }
}

/** How long that may take on a busy machine, in milliseconds. */
const KEEPERS_END_MS = 10_000;

async function answers(platform: Platform): Promise<boolean> {
  try {
    await platform.client.services();
    return true;
  } catch {
    return false;
  }
}

async function isInstalled(): Promise<boolean> {
  return findHaproxy().then(
    () => true,
    () => false,
  );
}
