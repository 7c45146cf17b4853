import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { delimiter } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import type { Ports } from './activities/ports.ts';
import type { ReaperParts, ReaperSettings } from './activities/reaper/parts.ts';
import { type DataFolder, resolveDataFolder } from './data-folder.ts';
import { createHookCaller } from './hooks/http-caller.ts';
import { ALLOW_VARIABLE, type AllowedHosts, readAllowedHosts } from './hooks/reachable.ts';
import { removePartMark } from './host/part-mark.ts';
import { neverProxyLoopback } from './host/proxies.ts';
import { findProgramCache, keepCompiledCode, removeCompileCacheSetting } from './host/program-cache.ts';
import { keepFilesPrivate } from './host/umask.ts';
import { readServedPools } from './domain/pools/pool.ts';
import { parseDuration } from './config/duration.ts';
import { findNativeTool, obtainNativeTools } from './native-tools.ts';
import { makePrivate } from './private-folder.ts';
import { readPackageVersion } from './package-version.ts';
import { identifyFolder, readHostId } from './stacks/host-id.ts';
import { createPulumiDriver } from './stacks/pulumi/driver.ts';
import { readStateSettings } from './stacks/pulumi/state/place.ts';
import { chooseStore } from './store/place.ts';
import type { HostSign } from './store/hosts/registry.ts';
import { type Store, openStore } from './store/store.ts';
import { BundleCache } from './temporal/bundle-cache.ts';
import { type WorkerVersion, resolveWorkerVersion } from './temporal/deployment.ts';
import { DeadWorkers } from './temporal/dead-workers.ts';
import { readDriftInterval } from './temporal/drift-settings.ts';
import { ExperimentWatch } from './temporal/experiment-watch.ts';
import { HostPresence } from './temporal/host-presence.ts';
import { DRIFT_LOOK, LookSchedule, REAPER_LOOK } from './temporal/look-schedule.ts';
import { LostServices } from './temporal/lost-services.ts';
import { readReaperSettings } from './temporal/reaper-settings.ts';
import { requireNamespace } from './temporal/namespace-owner.ts';
import { ensureSearchAttributes } from './temporal/search-attributes.ts';
import { StuckWorkflows } from './temporal/stuck-workflows.ts';
import { TaskTokenJournal } from './temporal/task-token-journal.ts';
import { requireSoleCopy } from './temporal/sole-copy.ts';
import { TASK_QUEUE, readTemporalTarget } from './temporal/target.ts';
import { WorkerVersions } from './temporal/worker-versions.ts';
import { loadWorkflowBundle } from './temporal/workflow-bundle.ts';
import { createWorkflowLookup } from './temporal/workflow-lookup.ts';
import { WORKFLOWS, type WorkflowFiles, computeWorkflowDigest } from './temporal/workflow-code.ts';
import { Workers } from './temporal/workers.ts';
import { openRouters, readRouterOptions } from './routing/registry.ts';
import { logger, note } from './worker-log.ts';
import { warnOfRouter, warnOfState } from './worker-warnings.ts';

/** How a worker is run. */
export interface WorkerOptions {
  dataDir: string;
  /** A path or a `postgres://` URL; the file in the data folder unless told. */
  store?: string | undefined;
  /** Where the engine's state is: a folder or a URL. As the environment says unless told, else in a store that is Postgres. */
  state?: string | undefined;
  /** The deployment it is a version of, and which; see `workerVersion`. Takes whatever there is to do unless told. */
  deployment?: string | undefined;
  build?: string | undefined;
  workflows: WorkflowFiles;
  /** The pools whose engine operations it carries out; the default one unless told. */
  pools?: readonly string[];
  /** Modules of blueprints that services may use beside the built-in one. */
  blueprints?: readonly string[];
  /** When a resource's silent step counts as hung, in milliseconds. 1,800,000 unless told. */
  stepMs?: number | undefined;
  /** How the reaper is run; as is usual unless told. */
  reaper?: ReaperSettings;
  /** Between two looks for drift, in milliseconds, or `off`; an hour unless told. */
  driftEvery?: number | 'off';
  /** Where hooks may lead beside public addresses; nowhere unless told. */
  hookHosts?: AllowedHosts;
}

/** Runs a worker until the process is told to stop. Finds Temporal by the standard `TEMPORAL_*` environment. */
export async function runWorker({
  dataDir,
  store: place,
  state,
  deployment,
  build,
  workflows,
  pools: named = [],
  blueprints = [],
  stepMs,
  reaper: settings = readReaperSettings({}),
  driftEvery = readDriftInterval({}),
  hookHosts: allowed = readAllowedHosts(),
}: WorkerOptions): Promise<void> {
  const pools = readServedPools(named);
  const folder = await prepareProcess(dataDir);
  const routing = readRouterOptions(process.env, folder);
  const { connectionOptions, namespace = 'default' } = readTemporalTarget();
  const entry = deployment === undefined ? workflows.plain : workflows.versioned;
  const digest = await computeWorkflowDigest(entry);
  const version = await resolveWorkerVersion({ deployment, build }, digest);
  Runtime.install({ logger, shutdownSignals: ['SIGINT', 'SIGTERM', 'SIGHUP'] });
  const bundling = loadWorkflowBundle(entry, digest, new BundleCache(chooseBundleFolder(workflows) ?? folder.cache));
  // Awaited below: until then a failure must not count as unhandled.
  bundling.catch(() => undefined);
  const store = await openStore(place ?? folder.store);
  const { host, copy } = await takeHost(folder, store);
  const stacks = await openStacks(folder, store, { place, state, blueprints, stepMs });
  const routers = openRouters(routing);
  // Not waited for: all else can be done meanwhile.
  void warnOfRouter(routing);
  const connection = await connectTemporal(connectionOptions);
  try {
    const installation = await joinNamespace(connection, namespace, store);
    const lookup = createWorkflowLookup(new Client({ connection, namespace }));
    const opened = { stacks, routers, host, hooks: createHookCaller({ allowed }) };
    const ports = createPorts(store, opened, { workflows: lookup, settings });
    const where = { connection, namespace, taskQueue: TASK_QUEUE };
    using inHand = TaskTokenJournal.begin(folder.workers);
    await using _watches = await lookAfterOthers(connection, namespace, {
      folder: folder.workers,
      sign: {
        ...{ id: host, name: hostname(), version: readPackageVersion() },
        worker: { id: randomUUID(), copy, pools, blueprints: stacks.blueprints() },
      },
      store,
      installation,
      reaperEveryMs: settings.everyMs,
      driftEveryMs: driftEvery === 'off' ? undefined : driftEvery,
    });
    const workers = await Workers.create({ ...where, pools, ports, inHand, workflowBundle: await bundling, version });
    const running = workers.run();
    if (version) await promoteIfFirst(connection, namespace, version);
    announceReady();
    await running;
  } finally {
    await connection.close();
    await routers.close();
    await stacks.close();
    await store.close();
  }
}

/** Before anything of the folder is taken for what a dead process has left. */
async function takeHost(
  { stacks }: Pick<DataFolder, 'stacks'>,
  { hosts }: Pick<Store, 'hosts'>,
): Promise<{ host: string; copy: string }> {
  const host = await readHostId(stacks);
  const copy = await identifyFolder(stacks);
  await requireSoleCopy({ hosts, host, copy, log: note.bind(null, 'INFO') });
  return { host, copy };
}

/** Where stacks are made: with the state that the options or the environment name. */
function openStacks(
  folder: DataFolder,
  { ledger }: Pick<Store, 'ledger'>,
  {
    place,
    state,
    blueprints,
    stepMs,
  }: Pick<WorkerOptions, 'state' | 'blueprints' | 'stepMs'> & { place?: string | undefined },
): ReturnType<typeof createPulumiDriver> {
  const settings = readStateSettings(process.env, { option: state, store: place });
  warnOfState(settings.state);
  return createPulumiDriver({
    dataDir: folder.stacks,
    ledger,
    pulumiPath: findNativeTool('pulumi'),
    blueprints: blueprints ?? [],
    log: note,
    ...settings,
    ...(stepMs === undefined ? {} : { stepMs }),
  });
}

/** @throws Error that says where Temporal was looked for: the client's own speaks of its transport alone */
async function connectTemporal(options: NonNullable<Parameters<typeof NativeConnection.connect>[0]>) {
  try {
    return await NativeConnection.connect(options);
  } catch (error) {
    const address = options.address ?? 'localhost:7233';
    const found = `Temporal at ${address} cannot be reached: ${(error as Error).message}`;
    throw new Error(`${found}; TEMPORAL_ADDRESS says where it is`, { cause: error });
  }
}

/**
 * Makes sure that this worker may work there, before it takes anything.
 * @returns the id of the installation
 * @throws Error where the namespace is another installation's
 */
async function joinNamespace(
  connection: NativeConnection,
  namespace: string,
  store: Pick<Store, 'installation'>,
): Promise<string> {
  const installation = await store.installation();
  await requireNamespace(new Client({ connection, namespace }), installation);
  await ensureSearchAttributes(connection, namespace);
  return installation;
}

/** What activities reach the world by, of what this process has opened. */
function createPorts(
  store: Store,
  opened: Pick<Ports, 'stacks' | 'routers' | 'host' | 'hooks'>,
  reaper: Omit<ReaperParts, 'log'>,
): Ports {
  const { audit, catalogue, experiments, drift, hosts, stops, atOnce, ledger } = store;
  const record = { audit, catalogue, experiments, drift, hosts, stops, atOnce };
  return { ...opened, ...record, bindings: ledger.commissions, reaper: { ...reaper, log: store.reaper } };
}

/** What has to be so before anything is read or started. */
async function prepareProcess(dataDir: string): Promise<DataFolder> {
  removePartMark(process.env);
  removeCompileCacheSetting(process.env);
  keepFilesPrivate();
  await obtainNativeTools();
  const folder = resolveDataFolder(dataDir);
  neverProxyLoopback();
  await makePrivate(folder);
  return folder;
}

async function promoteIfFirst(connection: NativeConnection, namespace: string, version: WorkerVersion): Promise<void> {
  const versions = new WorkerVersions(connection.workflowService, namespace, version.deployment);
  const isFirst = await versions.promoteIfFirst(version);
  note('INFO', isFirst ? 'the first version of its deployment: it is current now' : 'a version', { ...version });
}

function announceReady(): void {
  console.log('worker ready');
  keepCompiledCode();
}

/** What is made of the program's own workflows is the same for every data folder. */
function chooseBundleFolder(workflows: WorkflowFiles): string | undefined {
  return workflows === WORKFLOWS ? findProgramCache('workflows') : undefined;
}

interface LookAfterOptions {
  folder: string;
  sign: HostSign & { worker: { copy: string } };
  store: Pick<Store, 'audit' | 'catalogue' | 'experiments' | 'hosts'>;
  installation: string;
  reaperEveryMs: number;
  driftEveryMs: number | undefined;
}

/**
 * Beside its own work a worker says that it is there, and looks after what others left: a worker that was killed, a service whose workflow is gone, an
 * experiment whose schedule is, a stack that nobody owns, one that is not as it was made.
 */
async function lookAfterOthers(
  connection: NativeConnection,
  namespace: string,
  { folder, sign, store, installation, reaperEveryMs, driftEveryMs }: LookAfterOptions,
): Promise<AsyncDisposable> {
  const { audit, catalogue, experiments, hosts } = store;
  const log = note.bind(null, 'INFO');
  const client = new Client({ connection, namespace });
  await using watches = new AsyncDisposableStack();
  // First of all: others wait for what a dead worker had in hand.
  watches.use(await DeadWorkers.watch({ connection, namespace, folder, log }));
  watches.use(await HostPresence.announce({ hosts, sign, log }));
  // Again: of two that were started at the same moment neither had given a sign.
  await requireSoleCopy({ hosts, host: sign.id, copy: sign.worker.copy, log });
  watches.use(LostServices.watch({ client, taskQueue: TASK_QUEUE, catalogue, log }));
  watches.use(StuckWorkflows.watch({ client, taskQueue: TASK_QUEUE, catalogue, log: note.bind(null, 'WARN') }));
  watches.use(ExperimentWatch.watch({ client, taskQueue: TASK_QUEUE, experiments, audit, log }));
  const looks = { client, taskQueue: TASK_QUEUE, log };
  watches.use(LookSchedule.watch({ ...looks, look: REAPER_LOOK, memo: { installation }, everyMs: reaperEveryMs }));
  watches.use(LookSchedule.watch({ ...looks, look: DRIFT_LOOK, everyMs: driftEveryMs }));
  return watches.move();
}

/**
 * `node src/worker.ts [--data DIR] [--store STORE] [--state STATE] [--deployment NAME [--build ID]] [--pool NAME]…
 * [--blueprint FILE]…`.
 * Prints `worker ready` once it takes work; one of a version that is not current takes none before it is promoted.
 * SUPPLANT_STORE names the store where its URL holds a password, SUPPLANT_STATE the engine's state: it is in the store's
 * database where that is Postgres, else in the data folder. SUPPLANT_PASSPHRASE_FILE is its secret, where that is not in the
 * data folder. SUPPLANT_POOLS is a list of pools, with commas between them. SUPPLANT_BLUEPRINTS is a list of further blueprints, as PATH is one;
 * SUPPLANT_STEP_LIMIT says when a resource's silent step counts as hung; SUPPLANT_REAPER_GRACE and SUPPLANT_REAPER_EVERY
 * how the reaper is run, SUPPLANT_DRIFT_EVERY how often stacks are looked at for drift, SUPPLANT_HOOK_ALLOW where hooks may lead; SUPPLANT_ROUTER names an embedded
 * router on another machine, SUPPLANT_HAPROXY one that runs HAProxy.
 */
async function main(): Promise<void> {
  const string = { type: 'string' } as const;
  const repeated = { ...string, multiple: true } as const;
  const { values } = parseArgs({
    options: {
      data: string,
      store: string,
      state: string,
      deployment: string,
      build: string,
      blueprint: repeated,
      pool: repeated,
    },
  });
  const listed = (process.env.SUPPLANT_BLUEPRINTS ?? '').split(delimiter).filter((path) => path !== '');
  await runWorker({
    dataDir: values.data ?? process.env.SUPPLANT_DATA ?? '.supplant',
    store: chooseStore(values.store, process.env),
    state: values.state,
    deployment: values.deployment ?? set('SUPPLANT_DEPLOYMENT'),
    build: values.build ?? set('SUPPLANT_BUILD'),
    workflows: WORKFLOWS,
    pools: [...splitList(process.env.SUPPLANT_POOLS), ...(values.pool ?? [])],
    blueprints: [...listed, ...(values.blueprint ?? [])],
    stepMs: stepLimit(set('SUPPLANT_STEP_LIMIT')),
    reaper: readReaperSettings(process.env),
    driftEvery: readDriftInterval(process.env),
    hookHosts: readAllowedHosts(process.env[ALLOW_VARIABLE]),
  });
}

/** `eu-west,us`: what is named between commas. */
function splitList(text = ''): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** A variable that is empty is as good as none: compose files pass on what nobody has set. */
function set(name: string): string | undefined {
  const text = process.env[name];
  return text === '' ? undefined : text;
}

function stepLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const millis = parseDuration(text);
  if (millis !== undefined && millis > 0) return millis;
  throw new Error(`SUPPLANT_STEP_LIMIT is ${text}, which is no duration; write it as 90s, 30m or 1h30m`);
}

/** For what runs a worker: says why it could not, and ends the process. */
export function giveUp(error: unknown): never {
  note(
    'ERROR',
    error instanceof Error ? error.message : String(error),
    error instanceof Error ? { stack: error.stack } : {},
  );
  process.exit(1);
}

if (import.meta.main) main().catch(giveUp);
