import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Log } from '../blueprint.ts';
import type { StackDriver } from '../driver.ts';
import { blueprintModules, loadBlueprints } from './blueprint-modules.ts';
import { checkEngine } from './environment.ts';
import { Ledger } from './ledger.ts';
import { ensurePassphrase } from './passphrase.ts';
import { PulumiDriver } from './pulumi-driver.ts';
import { RunnerPool } from './runner-pool.ts';
import type { RunnerSettings } from './runner/settings.ts';
import { StateStore } from './state-store.ts';
import { Turns } from './turns.ts';

export interface PulumiDriverOptions {
  /** Folder for everything that must outlive the worker: state, passphrase, the blueprints' own data. */
  dataDir: string;
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
 * A stack driver over the Pulumi engine, with state in files. Any number of drivers, in any number of processes of one
 * host, may share a data folder.
 * @throws Error fit to show when the CLI or a blueprint cannot be used, or the passphrase is not the one the state is
 * encrypted with
 */
export async function createPulumiDriver(options: PulumiDriverOptions): Promise<StackDriver> {
  const { log = () => undefined } = options;
  const settings = runnerSettings(options);
  const { dataDir, folders } = settings;
  await ensurePassphrase(settings.passphraseFile);
  await mkdir(folders.home, { recursive: true });
  await mkdir(folders.state, { recursive: true });
  const workRoot = join(dataDir, 'work');
  const pool = new RunnerPool({ settings, folder: workRoot, idle: options.idleRunners ?? 1 });
  pool.warmUp();
  try {
    await checkEngine(options.pulumiPath);
    const host = { dataDir, supervise: options.supervise ?? true, log };
    const registry = await loadBlueprints(settings.blueprints, host);
    const store = new StateStore(folders.state);
    const ledger = new Ledger(join(dataDir, 'operations.sqlite'));
    const turns = new Turns({ ledger, store, pool, settings: { ...settings, workRoot }, log });
    void turns.sweep();
    return new PulumiDriver({ registry, store, ledger, turns, pool });
  } catch (error) {
    await pool.close();
    throw error;
  }
}

function runnerSettings(options: PulumiDriverOptions): RunnerSettings {
  const dataDir = resolve(options.dataDir);
  return {
    dataDir,
    folders: { home: join(dataDir, 'pulumi'), state: join(dataDir, 'state') },
    passphraseFile: join(dataDir, 'passphrase'),
    pulumiPath: options.pulumiPath,
    blueprints: blueprintModules(options.blueprints),
    stopGraceMs: options.stopGraceMs ?? 30_000,
    idleMs: options.idleMs ?? 120_000,
    stepMs: options.stepMs ?? 1_800_000,
    cacheDir: join(dataDir, 'compile-cache'),
  };
}
