import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SupplantClient } from '../../../src/contract/supplant-client.ts';
import { DEFAULT_ROUTER } from '../../../src/domain/service/service.ts';
import { WorkerVersions } from '../../../src/temporal/worker-versions.ts';
import { waitUntil } from '../../../src/host/polling.ts';
import { openRouters, readRouterOptions } from '../../../src/routing/registry.ts';
import type { Router } from '../../../src/routing/router.ts';
import { CLOUD_VARIABLE } from '../../doubles/cloud-blueprint/index.ts';
import type { Records } from '../checks/evidence.ts';
import type { ClientSource } from '../insist.ts';
import { Outages } from '../outages.ts';
import { withTemporalAt } from '../temporal.ts';
import { Hub } from './hub.ts';
import { DEPLOYMENT, Machine, UNVERSIONED, withoutProxies } from './machine.ts';
import { FleetNetwork } from './network.ts';

const WORKER = fileURLToPath(new URL('../../../src/worker.ts', import.meta.url));
const BLUEPRINT = fileURLToPath(new URL('../../doubles/cloud-blueprint/index.ts', import.meta.url));

/** For workers to come back by themselves, in milliseconds. */
const COME_BACK_MS = 300_000;

/** For Temporal to know of the workers of a version, and to hear that it is the current one, in milliseconds. */
const PROMOTED_MS = 180_000;
/** For the rollouts of the version before to come to their ends. */
const DRAINED_MS = 300_000;

/** A provider that hangs is noticed within seconds here, not within half an hour; nobody looks for drift meanwhile. */
const ENVIRONMENT = { SUPPLANT_STEP_LIMIT: '30s', SUPPLANT_DRIFT_EVERY: 'off' };

/** What kind of world a run needs. */
export interface FleetVariant {
  /** Its machines' clocks can be set. */
  ownClocks: boolean;
  /** Its workers are versions, of which the next one can take over. */
  versioned: boolean;
}

interface FleetParts extends FleetVariant {
  root: string;
  network: FleetNetwork;
  hub: Hub;
}

/** Supplant on several machines around one hub, and what a fault can be done to. */
export class FleetWorld implements ClientSource, Records {
  readonly root: string;
  readonly hub: Hub;
  readonly router: Router;
  readonly #network: FleetNetwork;
  readonly #routers: ReturnType<typeof openRouters>;
  /** Whether its machines' clocks can be set. */
  readonly ownClocks: boolean;
  /** Those that were not lost. */
  #machines: Machine[] = [];
  #named = 0;
  readonly #lost = new Set<string>();
  #postgres: Promise<void> = Promise.resolve();
  /** Of the workers on each machine: two while the older one drains. */
  #builds: readonly string[];
  #promoted = 1;
  #replacing: Promise<unknown> = Promise.resolve();
  /** Of the run that goes on now. */
  outages = new Outages();

  private constructor(
    { root, network, hub, ownClocks, versioned }: FleetParts,
    routers: ReturnType<typeof openRouters>,
    router: Router,
  ) {
    this.root = root;
    this.hub = hub;
    this.ownClocks = ownClocks;
    this.#builds = versioned ? [nameBuild(1)] : [UNVERSIONED];
    this.#network = network;
    this.#routers = routers;
    this.router = router;
  }

  /** @param size how many machines there are, beside the hub */
  static async open({ size, ...variant }: FleetVariant & { size: number }): Promise<FleetWorld> {
    process.env = withoutProxies(process.env);
    const root = await mkdtemp(join(tmpdir(), 'supplant-fleet-'));
    const network = await FleetNetwork.open();
    await mkdir(join(root, 'hub'));
    const hub = await Hub.open(root, network);
    const routers = openRouters(readRouterOptions({}, hub.folder));
    const world = new FleetWorld({ root, network, hub, ...variant }, routers, await routers.of(DEFAULT_ROUTER));
    await world.calm(size);
    return world;
  }

  get client(): SupplantClient {
    return this.hub.client;
  }

  get storePlace(): string {
    return this.hub.storePlace;
  }

  get temporal(): Records['temporal'] {
    return this.hub.temporal;
  }

  get machines(): readonly Machine[] {
    return this.#machines;
  }

  /** Brings in a machine that nobody knows yet. */
  async add(): Promise<Machine> {
    this.#named += 1;
    const args = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=16', WORKER];
    const machine = await Machine.start({
      ...{ name: `m${this.#named}`, network: this.#network, world: this.root, conf: this.hub.conf },
      ownClock: this.ownClocks,
      builds: this.#builds,
      command: (own) => [process.execPath, ...args, '--data', `${own}/data`, '--blueprint', BLUEPRINT],
      env: (own) => ({ ...ENVIRONMENT, ...this.hub.describe(own), [CLOUD_VARIABLE]: this.hub.cloud.url }),
    });
    this.#machines.push(machine);
    return machine;
  }

  /** Whether a machine of that name was lost. */
  hasLost(name: string): boolean {
    return this.#lost.has(name);
  }

  async lose(machine: Machine): Promise<void> {
    this.#machines = this.#machines.filter((each) => each !== machine);
    this.#lost.add(machine.name);
    await machine.lose();
  }

  /**
   * Workers of the next version are started beside those there are, and take over; the old ones end once no rollout belongs to
   * them any more. False where the version could not be promoted, or there are none here.
   */
  replaceWorkers(): Promise<boolean> {
    const turn = this.#replacing.then(async () => this.#replaceWorkers());
    this.#replacing = turn.catch(() => undefined);
    return turn;
  }

  async #replaceWorkers(): Promise<boolean> {
    const old = this.#builds.at(-1) ?? UNVERSIONED;
    if (old === UNVERSIONED) return false;
    const next = nameBuild(this.#promoted + 1);
    this.#builds = [old, next];
    for (const machine of this.#machines) machine.startBuild(next);
    this.#promoted += 1;
    // Temporal, or the only worker of a queue, may be down in this very moment.
    const isPromoted = await waitUntil(PROMOTED_MS, () => this.#promote(next).catch(() => false));
    const isOver = (): Promise<boolean> => this.#hasDrained(old).catch(() => false);
    if (isPromoted && !(await waitUntil(DRAINED_MS, isOver))) throw new Error(`rollouts of version ${old} do not end`);
    const [left, kept] = isPromoted ? [old, next] : [next, old];
    this.#builds = [kept];
    for (const machine of this.#machines) machine.endBuild(left);
    return isPromoted;
  }

  #promote(build: string): Promise<boolean> {
    const { namespace } = this.temporal;
    return withTemporalAt(this.temporal, async ({ connection: { workflowService } }) => {
      await new WorkerVersions(workflowService, namespace, DEPLOYMENT).promote(build);
      return true;
    });
  }

  /** Services and teardowns move to the next version with their next task, whenever that is. */
  #hasDrained(build: string): Promise<boolean> {
    const query = `WorkflowType = 'rollout' AND ExecutionStatus = 'Running' AND TemporalWorkerDeploymentVersion = '${DEPLOYMENT}:${build}'`;
    return withTemporalAt(this.temporal, async ({ workflow }) => (await workflow.count(query)).count === 0);
  }

  /** One who ends Postgres has it back before the next one does. */
  withPostgres(act: () => Promise<void>): Promise<void> {
    const turn = this.#postgres.then(act);
    this.#postgres = turn.catch(() => undefined);
    return turn;
  }

  /** Until there are so many machines, all of whose workers take work. */
  async calm(size: number): Promise<void> {
    while (this.#machines.length < size) await this.add();
    const isCalm = await waitUntil(COME_BACK_MS, () => this.#machines.every((machine) => machine.isReady));
    if (isCalm) return;
    const idle = this.#machines.filter((machine) => !machine.isReady);
    const logs = idle.map(({ name, log }) => `${name}: ${log.slice(-1_000)}`);
    throw new Error(`not everything ran again within ${COME_BACK_MS} ms: ${logs.join('\n')}`);
  }

  /** Ends it in order; unless it is kept, nothing is left of it. */
  async close({ keep = false } = {}): Promise<void> {
    await Promise.all(this.#machines.map((machine) => machine.stop()));
    await this.#routers.close();
    await this.hub[Symbol.asyncDispose]();
    await this.#network[Symbol.asyncDispose]();
    if (!keep) await rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

function nameBuild(number: number): string {
  return `b${number}`;
}
