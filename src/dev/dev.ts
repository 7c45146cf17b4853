import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { Connection } from '@temporalio/client';
import { type DataFolder, dataFolder } from '../data-folder.ts';
import { self } from '../host/process-identity.ts';
import {
  type Lease,
  NAMESPACE,
  apiAddress,
  isHeld,
  readLease,
  temporalAddress,
  temporalUi,
  writeLease,
} from './lease.ts';
import { type Part, endOrphan } from './part.ts';
import { type Parts, createParts, logFile } from './parts.ts';
import { freePort } from './ports.ts';
import { lastLines, saysFromNowOn, until } from './ready.ts';

/** Where everything is once it runs. */
export interface DevInfo {
  /** Where the API is served: `127.0.0.1:7700`. */
  api: string;
  temporalUi: string;
  temporalAddress: string;
  namespace: string;
  routerSocket: string;
  dataDir: string;
}

export interface DevOptions {
  dataDir: string;
  /** Where to serve the API; a free port on loopback unless told. */
  listen?: { host: string; port: number };
  /** Who may do what, needed wherever others can get in. */
  accessFile?: string;
  onReady?: (info: DevInfo) => void;
  signal: AbortSignal;
  log: (line: string) => void;
}

/** Temporal's own defaults, where they are free. */
const TEMPORAL_PORT = 7233;
const TEMPORAL_UI_PORT = 8233;
const API_PORT = 7700;

const STARTS_TO_TRY = 4;

/** How long what a killed run left behind may take to end. */
const ORPHAN_GRACE_MS = 10_000;

/**
 * Runs all of Supplant on this machine until `signal` aborts: a Temporal server, the router and a worker, each a process
 * of its own that is started again when it dies. State stays in `dataDir`; services' own processes go on without it.
 * @returns the exit code
 * @throws Error fit to show, when it already runs there or a part does not become ready
 */
export async function runDev({ dataDir, listen, accessFile, onReady, signal, log }: DevOptions): Promise<number> {
  const folder = dataFolder(dataDir);
  await mkdir(folder.root, { recursive: true });
  const lease = await takeLease(folder, listen, log);
  let written = Promise.resolve();
  const parts = createParts(folder, lease, accessFile, {
    log,
    onStart: (name, identity) => {
      lease.parts[name] = identity;
      written = written
        .then(() => writeLease(folder.lease, lease))
        .catch((error: unknown) => log(`cannot write ${folder.lease}: ${String(error)}`));
    },
  });
  try {
    await startAll(folder, lease, parts, signal, log);
    onReady?.(describe(folder, lease));
    await aborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await stopAll(parts);
    await written;
    await writeLease(folder.lease, { ...lease, parts: {} });
  }
  return 0;
}

/** One `supplant dev` per data folder. What a killed one left running is ended first. */
async function takeLease(
  folder: DataFolder,
  listen: DevOptions['listen'],
  log: (line: string) => void,
): Promise<Lease> {
  const before = readLease(folder.lease);
  if (before && isHeld(before)) {
    throw new Error(
      `supplant dev already runs on ${folder.root} (pid ${before.dev.pid}, Temporal UI ${temporalUi(before)}); ` +
        'stop it first, or use another folder with --data',
    );
  }
  for (const [name, identity] of Object.entries(before?.parts ?? {})) {
    log(`ending ${name} (pid ${identity.pid}), left by a run that was killed`);
    await endOrphan(identity, ORPHAN_GRACE_MS);
  }
  const port = await freePort(before?.temporal.port ?? TEMPORAL_PORT);
  const uiPort = await freePort(before?.temporal.uiPort ?? TEMPORAL_UI_PORT, [port]);
  const api = listen ?? { host: '127.0.0.1', port: await freePort(before?.api.port ?? API_PORT, [port, uiPort]) };
  const lease: Lease = { v: 2, dev: self(), parts: {}, temporal: { port, uiPort }, api };
  await writeLease(folder.lease, lease);
  return lease;
}

async function startAll(
  folder: DataFolder,
  lease: Lease,
  parts: Parts,
  signal: AbortSignal,
  log: (line: string) => void,
) {
  const said = {
    worker: saysFromNowOn(logFile(folder, 'worker'), 'worker ready'),
    gateway: saysFromNowOn(logFile(folder, 'gateway'), 'gateway ready'),
  };
  for (const part of Object.values(parts)) part.start();
  const ready = (name: keyof Parts, fact: () => boolean | Promise<boolean>): Promise<void> =>
    until(name, () => stillHopeful(parts[name], fact), signal).then(
      () => log(`${name} is ready`),
      (error: unknown) => {
        if (signal.aborted) throw error;
        throw new Error(
          `${name} did not start. The end of ${logFile(folder, name)}:\n${lastLines(logFile(folder, name), 10)}`,
        );
      },
    );
  await Promise.all([
    ready('temporal', () => isTemporalUp(temporalAddress(lease))),
    ready('router', () => accepts(folder.routerSocket)),
    ready('worker', said.worker),
    ready('gateway', said.gateway),
  ]);
}

/** Something that ends again and again as soon as it starts has something to say in its log. */
function stillHopeful(part: Part, fact: () => boolean | Promise<boolean>): boolean | Promise<boolean> {
  if (part.restarts >= STARTS_TO_TRY) throw new Error('it ended again and again');
  return fact();
}

/** No more requests, then the worker: what it has under way is called off cleanly while the others still answer. */
async function stopAll(parts: Parts): Promise<void> {
  await parts.gateway.stop();
  await parts.worker.stop();
  await Promise.all([parts.router.stop(), parts.temporal.stop()]);
}

async function isTemporalUp(address: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: '1s' });
    try {
      await connection.workflowService.describeNamespace({ namespace: NAMESPACE });
    } finally {
      await connection.close();
    }
    return true;
  } catch {
    return false;
  }
}

function accepts(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

function describe(folder: DataFolder, lease: Lease): DevInfo {
  return {
    api: apiAddress(lease),
    temporalUi: temporalUi(lease),
    temporalAddress: temporalAddress(lease),
    namespace: NAMESPACE,
    routerSocket: folder.routerSocket,
    dataDir: folder.root,
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
