import { ApiError } from '../contract/supplant-client.ts';
import { type DataFolder, resolveDataFolder } from '../data-folder.ts';
import { identifySelf } from '../host/process-identity.ts';
import { keepCompiledCode } from '../host/program-cache.ts';
import { neverProxyLoopback } from '../host/proxies.ts';
import { keepFilesPrivate } from '../host/umask.ts';
import { makePrivate } from '../private-folder.ts';
import { findHaproxy } from '../routing/haproxy/program.ts';
import { redactPlace } from '../store/place.ts';
import { claimFolder } from './folder-claim.ts';
import {
  type Lease,
  formatApiAddress,
  readLease,
  formatTemporalAddress,
  formatTemporalUi,
  writeLease,
  type TemporalPlace,
} from '../host/dev-lease.ts';
import { endOrphan, findOrphans } from './orphans.ts';
import { createParts } from './parts.ts';
import { findFreePort, isFree } from './ports.ts';
import { startParts, stopParts } from './start-parts.ts';
import { chooseTemporalPlace } from './temporal-place.ts';
import { UiProxy } from './ui-proxy.ts';

/** Where everything is once it runs. */
export interface DevInfo {
  /** Where the API is served: `127.0.0.1:7700`. */
  api: string;
  /** The file with the token that the API wants; without it an access file says who may do what. */
  tokenFile?: string;
  temporalUi: string;
  temporalAddress: string;
  namespace: string;
  routerSocket: string;
  /** Where the router that runs HAProxy takes orders, where it was asked for. */
  haproxySocket?: string;
  dataDir: string;
  /** Where the audit log and the catalogue are, without a password. */
  store: string;
}

export interface DevOptions {
  dataDir: string;
  /** Where to serve the API; a free port on loopback unless told. */
  listen?: { host: string; port: number };
  /** Who may do what, needed wherever others can get in. */
  accessFile?: string;
  /** Modules of blueprints that services may use beside the built-in one. */
  blueprints?: readonly string[];
  /** A path or a `postgres://` URL; the file in the data folder unless told. */
  store?: string;
  /** Where the engine's state is: a folder or a URL. As the environment says unless told, else in a store that is Postgres. */
  state?: string;
  /** Whether services may have HAProxy as their router, which has to be installed. */
  haproxy?: boolean;
  onReady?: (info: DevInfo) => void;
  signal: AbortSignal;
  log: (line: string) => void;
}

interface Ports {
  temporal: Pick<TemporalPlace, 'port' | 'uiPort'>;
  api: { port: number };
}

/** Temporal's own, and ours. */
const DEFAULTS: Ports = { temporal: { port: 7233, uiPort: 8233 }, api: { port: 7700 } };
const ANY: Ports = { temporal: { port: 0, uiPort: 0 }, api: { port: 0 } };

const PORTS_TO_TRY = 3;

/** How long what a killed run left behind may take to end. */
const ORPHAN_GRACE_MS = 10_000;

/**
 * Runs all of Supplant on this machine until `signal` aborts: a Temporal server, the router, a worker and a gateway, each a
 * process of its own that is started again when it dies. State stays in `dataDir`; services' own processes go on without it.
 * @returns the exit code
 * @throws Error fit to show, when it already runs there or a part does not become ready
 */
export async function runDev(options: DevOptions): Promise<number> {
  const { dataDir, listen, accessFile, blueprints, store, state, haproxy, onReady, signal, log } = options;
  const folder = resolveDataFolder(dataDir);
  neverProxyLoopback();
  if (haproxy) await requireHaproxy();
  await makePrivate(folder);
  await claimFolder(folder);
  keepFilesPrivate();
  const before = await endEarlier(folder, log);
  for (let attempt = 1; ; attempt += 1) {
    const wanted = attempt === 1 ? (before ?? DEFAULTS) : ANY;
    const lease = await takeLease(folder, wanted, { listen, accessFile });
    const outcome = await runOnce(folder, lease, {
      accessFile,
      blueprints,
      store,
      state,
      haproxy,
      onReady,
      signal,
      log,
    });
    if (outcome === 'ended') return 0;
    if (attempt === PORTS_TO_TRY) throw outcome;
    log('Somebody took a port meanwhile; trying others.');
  }
}

type RunOptions = Pick<DevOptions, 'signal' | 'log'> & {
  [key in 'onReady' | 'accessFile' | 'blueprints' | 'store' | 'state' | 'haproxy']: DevOptions[key] | undefined;
};

/** Runs until it is told to end. Returns the error where it could not start because somebody else took a port. */
async function runOnce(
  folder: DataFolder,
  lease: Lease,
  { accessFile, blueprints = [], store, state, haproxy, onReady, signal, log }: RunOptions,
): Promise<'ended' | Error> {
  let written = Promise.resolve();
  let running = false;
  const parts = createParts(
    folder,
    lease,
    { access: accessFile, blueprints, store, state, haproxy },
    {
      log,
      onStart: (name, identity) => {
        lease.parts[name] = identity;
        written = written
          .then(() => writeLease(folder.lease, lease))
          .catch((error: unknown) => log(`cannot write ${folder.lease}: ${String(error)}`));
      },
    },
  );
  const leaveNothing = (): void => Object.values(parts).forEach((part) => part.kill());
  process.once('exit', leaveNothing);
  let ui: UiProxy | undefined;
  try {
    ui = await UiProxy.open(lease.temporal.uiPort, { ...lease.temporal.ui, namespace: lease.temporal.namespace });
    await startParts(folder, lease, parts, signal, log);
    running = true;
    onReady?.(describe(folder, lease, { store, haproxy }));
    keepCompiledCode();
    await aborted(signal);
  } catch (error) {
    if (signal.aborted) return 'ended';
    await Promise.all([ui?.[Symbol.asyncDispose](), stopParts(parts)]);
    ui = undefined;
    if (running || !(error instanceof Error)) throw error;
    if (!TAKEN.test(error.message) && !(await lostPort(lease))) throw error;
    return error;
  } finally {
    await Promise.all([ui?.[Symbol.asyncDispose](), stopParts(parts)]);
    process.off('exit', leaveNothing);
    await written;
    await writeLease(folder.lease, { ...lease, parts: {} });
  }
  return 'ended';
}

/** In the log of a part that did not start: Node's words, and Go's. Anyone who had the port may be gone again by now. */
const TAKEN = /EADDRINUSE|address already in use/;

/** Our parts have ended: who listens now is somebody else. */
async function lostPort({ temporal, api }: Lease): Promise<boolean> {
  const free = await Promise.all([temporal.port, temporal.uiPort, api.port].map((port) => isFree(port)));
  return free.includes(false);
}

/** Before anything is started: its part would end again and again. */
async function requireHaproxy(): Promise<void> {
  try {
    await findHaproxy();
  } catch (error) {
    throw new ApiError('INVALID', (error as Error).message, {
      suggestion: 'leave out --haproxy where no service needs it',
    });
  }
}

/** What a killed run left running is ended first. */
async function endEarlier(folder: DataFolder, log: (line: string) => void): Promise<Lease | undefined> {
  const before = readLease(folder.lease);
  for (const [name, identity] of findOrphans(folder.root, before)) {
    log(`ending ${name} (pid ${identity.pid}), left by a run that was killed`);
    await endOrphan(identity, ORPHAN_GRACE_MS);
  }
  return before;
}

/** The wanted ports where they are free, so that links and clients stay right; else any. */
async function takeLease(
  folder: DataFolder,
  wanted: Ports,
  { listen, accessFile }: { [key in 'listen' | 'accessFile']: DevOptions[key] | undefined },
): Promise<Lease> {
  const temporal = await chooseTemporalPlace(folder, wanted.temporal);
  const taken = [temporal.port, temporal.uiPort, temporal.ui.port];
  const api = listen ?? { host: '127.0.0.1', port: await findFreePort(wanted.api.port, taken) };
  const access = accessFile === undefined ? {} : { accessFile };
  const lease: Lease = { v: 3, dev: identifySelf(), parts: {}, temporal, api: { ...api, ...access } };
  await writeLease(folder.lease, lease);
  return lease;
}

function describe(
  folder: DataFolder,
  lease: Lease,
  { store, haproxy }: Pick<RunOptions, 'store' | 'haproxy'>,
): DevInfo {
  return {
    api: formatApiAddress(lease),
    ...(lease.api.accessFile === undefined ? { tokenFile: folder.token } : {}),
    temporalUi: formatTemporalUi(lease),
    temporalAddress: formatTemporalAddress(lease),
    namespace: lease.temporal.namespace,
    routerSocket: folder.routerSocket,
    ...(haproxy ? { haproxySocket: folder.haproxySocket } : {}),
    dataDir: folder.root,
    store: redactPlace(store ?? folder.store),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
