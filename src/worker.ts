import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import type { Ports } from './activities/ports.ts';
import type { ReaperParts } from './activities/reaper/parts.ts';
import { type DataFolder, resolveDataFolder } from './data-folder.ts';
import { createHookCaller } from './hooks/http-caller.ts';
import { readAllowedHosts } from './hooks/reachable.ts';
import { removePartMark } from './host/part-mark.ts';
import { neverProxyLoopback } from './host/proxies.ts';
import { findProgramCache, keepCompiledCode, removeCompileCacheSetting } from './host/program-cache.ts';
import { keepFilesPrivate } from './host/umask.ts';
import { readServedPools } from './domain/pools/pool.ts';
import { findNativeTool, obtainNativeTools } from './native-tools.ts';
import { makePrivate } from './private-folder.ts';
import { readPackageVersion } from './package-version.ts';
import { identifyFolder, readHostId } from './stacks/host-id.ts';
import { createPulumiDriver } from './stacks/pulumi/driver.ts';
import { readStateSettings } from './stacks/pulumi/state/place.ts';
import { type Store, openStore } from './store/store.ts';
import { BundleCache } from './temporal/bundle-cache.ts';
import { type WorkerVersion, resolveWorkerVersion } from './temporal/deployment.ts';
import { readDriftInterval } from './temporal/drift-settings.ts';
import { lookAfterOthers } from './temporal/look-after-others.ts';
import { readReaperSettings } from './temporal/reaper-settings.ts';
import { requireNamespace } from './temporal/namespace-owner.ts';
import { ensureSearchAttributes } from './temporal/search-attributes.ts';
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
import { type WorkerOptions, readWorkerOptions } from './worker-options.ts';
import { warnOfRouter, warnOfState } from './worker-warnings.ts';

/** Runs a worker until the process is told to stop. Finds Temporal by the standard `TEMPORAL_*` environment. */
export async function runWorker({
  dataDir,
  store: place,
  state,
  deployment,
  build,
  workflows,
  pools = readServedPools([]),
  blueprints = [],
  stepMs,
  reaper: settings = readReaperSettings({}),
  driftEvery = readDriftInterval({}),
  hookHosts: allowed = readAllowedHosts(),
}: WorkerOptions): Promise<void> {
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
      ...{ write: note, folder: folder.workers, store, installation },
      sign: {
        ...{ id: host, name: hostname(), version: readPackageVersion() },
        worker: { id: randomUUID(), copy, pools, blueprints: stacks.blueprints() },
      },
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
  await runWorker(readWorkerOptions(process.argv.slice(2), process.env));
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
