import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readSecret } from '../../secrets/secrets.ts';
import type { Log } from '../blueprint.ts';
import { listBlueprintModules, loadBlueprints } from './blueprint-modules.ts';
import { ensureLauncher } from './runner/engine-launcher.ts';
import { checkEngine } from './runner/environment.ts';
import { Ledger } from './lock/ledger.ts';
import { ensurePassphrase } from './state/passphrase.ts';
import { PulumiDriver } from './pulumi-driver.ts';
import { RunnerPool } from './runner/runner-pool.ts';
import type { RunnerSettings } from './runner/settings.ts';
import { openState } from './state/open.ts';
import type { StatePlace } from './state/place.ts';
import type { StateStore } from './state/state-store.ts';
import { StackLocks } from './lock/stack-locks.ts';
import { findProgramCache } from '../../host/program-cache.ts';

export interface PulumiDriverOptions {
  /** Folder for everything that must outlive the worker: the blueprints' own data, and what is not elsewhere. */
  dataDir: string;
  /** Where the engine's state is; a folder in `dataDir` unless told. */
  state?: StatePlace;
  /** The file with the secret that encrypts the state; one in `dataDir`, made at the first start, unless told. */
  passphraseFile?: string;
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
 * host, may share a data folder.
 * @throws Error fit to show when the CLI or a blueprint cannot be used, or the passphrase is not the one the state is
 * encrypted with
 */
export async function createPulumiDriver(options: PulumiDriverOptions): Promise<PulumiDriver> {
  const { log = () => undefined } = options;
  const settings = runnerSettings(options);
  const { dataDir, home } = settings;
  await mkdir(home, { recursive: true });
  const store = await openStore(settings);
  const workRoot = join(dataDir, 'work');
  const pool = new RunnerPool({ settings, folder: workRoot, idle: options.idleRunners ?? 1 });
  pool.warmUp();
  try {
    await ensureLauncher(home, await checkEngine(options.pulumiPath));
    const host = { dataDir, supervise: options.supervise ?? true, readSecret, log };
    const registry = await loadBlueprints(settings.blueprints, host);
    const ledger = new Ledger(join(dataDir, 'operations.sqlite'));
    const locks = new StackLocks({ ledger, store, pool, settings: { ...settings, workRoot }, log });
    void locks.sweep();
    const plugins = { home, pulumiPath: options.pulumiPath };
    return new PulumiDriver({ registry, store, ledger, locks, pool, plugins });
  } catch (error) {
    await pool.close();
    await store.close();
    throw error;
  }
}

/** The state, once its secret is known to be right. */
async function openStore({ state, passphraseFile }: RunnerSettings): Promise<StateStore> {
  const { store, proof } = await openState(state);
  try {
    await ensurePassphrase(passphraseFile, proof);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

function runnerSettings(options: PulumiDriverOptions): RunnerSettings {
  const dataDir = resolve(options.dataDir);
  return {
    dataDir,
    home: join(dataDir, 'pulumi'),
    state: options.state ?? { kind: 'folder', path: join(dataDir, 'state') },
    passphraseFile: resolve(options.passphraseFile ?? join(dataDir, 'passphrase')),
    pulumiPath: options.pulumiPath,
    blueprints: listBlueprintModules(options.blueprints),
    stopGraceMs: options.stopGraceMs ?? 30_000,
    idleMs: options.idleMs ?? 120_000,
    stepMs: options.stepMs ?? 1_800_000,
    cacheDir: findProgramCache('compiled') ?? join(dataDir, 'compile-cache'),
  };
}
