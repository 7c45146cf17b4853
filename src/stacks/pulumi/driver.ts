import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readSecret } from '../../secrets/secrets.ts';
import type { Log } from '../blueprint.ts';
import { listBlueprintModules, loadBlueprints } from './blueprint-modules.ts';
import { ensureLauncher } from './runner/engine-launcher.ts';
import { checkEngine } from './runner/environment.ts';
import { hostname } from 'node:os';
import { identifySelf } from '../../host/process-identity.ts';
import { readHostId } from '../host-id.ts';
import type { StackLedger } from './lock/ledger.ts';
import { PulumiDriver } from './pulumi-driver.ts';
import { Residence } from './residence.ts';
import { RunnerPool } from './runner/runner-pool.ts';
import type { RunnerSettings } from './runner/settings.ts';
import type { StatePlace } from './state/place.ts';
import { unlockState } from './state/unlock.ts';
import { StackLocks } from './lock/stack-locks.ts';
import { findProgramCache } from '../../host/program-cache.ts';

const STATE_FOLDER = 'state';

export interface PulumiDriverOptions {
  /** Folder for everything that must outlive the worker: the blueprints' own data, and what is not elsewhere. */
  dataDir: string;
  /** What all drivers of the installation know of each other's stacks: the store's. It is not closed with the driver. */
  ledger: StackLedger;
  /** The host that stacks are bound to which run on this machine; the data folder's unless told. */
  hostId?: string;
  /** How long a claim of a stack counts that is not renewed, in milliseconds. 12,000 unless told, and at most 15,000. */
  leaseMs?: number;
  /** Where the engine's state is; a folder in `dataDir` unless told. */
  state?: StatePlace;
  /** The file with the secret that encrypts the state; one in `dataDir`, made at the first start, unless told. */
  passphraseFile?: string;
  /** The URL of a cloud's key that encrypts the state instead: `awskms://alias/supplant`. */
  secretsProvider?: string;
  /** The Pulumi CLI to run. */
  pulumiPath: string;
  /** Receives what has no caller to be told to: revived processes, details of what went wrong. */
  log?: Log;
  /** Modules of blueprints that services may use beside `local-process`. */
  blueprints?: readonly string[];
  /** Whether the blueprints keep alive what they have made. Yes unless told; of use where a worker does it already. */
  supervise?: boolean;
  /** Between SIGINT, a second SIGINT and SIGKILL, in milliseconds. 30,000 unless told. */
  stopGraceMs?: number;
  /** When an engine that waits for nothing counts as hung, in milliseconds. 120,000 unless told. */
  idleMs?: number;
  /** When a resource's silent step counts as hung, in milliseconds. 1,800,000 unless told. */
  stepMs?: number;
  /** How many runners wait for work, at some 80 MiB each. 1 unless told. */
  idleRunners?: number;
}

/**
 * A stack driver over the Pulumi engine. Any number of drivers, in any number of processes of one
 * host, may share a data folder; those of several hosts share a ledger.
 * @throws Error fit to show when the CLI or a blueprint cannot be used, or the passphrase is not the one the state is
 * encrypted with
 */
export async function createPulumiDriver(options: PulumiDriverOptions): Promise<PulumiDriver> {
  const { log = () => undefined } = options;
  const dataDir = resolve(options.dataDir);
  const home = join(dataDir, 'pulumi');
  await mkdir(home, { recursive: true });
  const host = options.hostId ?? (await readHostId(dataDir));
  const leaseMs = readLease(options);
  const given = runnerSettings(options, { dataDir, home, host, leaseMs });
  const { store, ...unlocked } = await unlockState({ ...given, leftBehind: join(dataDir, STATE_FOLDER) }, options);
  const settings = { ...given, ...unlocked };
  const workRoot = join(dataDir, 'work');
  const pool = new RunnerPool({ settings, folder: workRoot, idle: options.idleRunners ?? 1 });
  pool.warmUp();
  try {
    await ensureLauncher(home, await checkEngine(options.pulumiPath));
    const blueprintHost = { dataDir, supervise: options.supervise ?? true, readSecret, log };
    const registry = await loadBlueprints(settings.blueprints, blueprintHost);
    const { operations, commissions } = options.ledger;
    const locks = new StackLocks({
      ...{ ledger: operations, store, pool, log },
      holder: { host, machine: hostname(), owner: identifySelf() },
      settings: { ...settings, workRoot, leaseMs },
    });
    void locks.sweep();
    const plugins = { home, pulumiPath: options.pulumiPath };
    const residence = new Residence({ registry, commissions, host, state: settings.state });
    return new PulumiDriver({ registry, store, commissions, residence, locks, pool, plugins, log });
  } catch (error) {
    await pool.close();
    await store.close();
    throw error;
  }
}

const LEASE_MS = 12_000;
/** What is lost with a machine stands still for this long. */
const LONGEST_LEASE_MS = 15_000;

function readLease({ leaseMs = LEASE_MS }: PulumiDriverOptions): number {
  if (leaseMs > 0 && leaseMs <= LONGEST_LEASE_MS) return leaseMs;
  throw new Error(`a lease of ${leaseMs} ms cannot be; give it at most ${LONGEST_LEASE_MS} ms`);
}

function runnerSettings(
  options: PulumiDriverOptions,
  { dataDir, home, host, leaseMs }: { dataDir: string; home: string; host: string; leaseMs: number },
): RunnerSettings {
  const { leases: access } = options.ledger.operations;
  return {
    dataDir,
    home,
    ...(access ? { lease: { host, leaseMs, access } } : {}),
    state: options.state ?? { kind: 'folder', path: join(dataDir, STATE_FOLDER) },
    passphraseFile: resolve(options.passphraseFile ?? join(dataDir, 'passphrase')),
    pulumiPath: options.pulumiPath,
    blueprints: listBlueprintModules(options.blueprints),
    stopGraceMs: options.stopGraceMs ?? 30_000,
    idleMs: options.idleMs ?? 120_000,
    stepMs: options.stepMs ?? 1_800_000,
    cacheDir: findProgramCache('compiled') ?? join(dataDir, 'compile-cache'),
  };
}
