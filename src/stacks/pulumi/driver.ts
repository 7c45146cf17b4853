import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { localProcess } from '../../../blueprints/local-process/index.ts';
import type { BlueprintFactory, Log, StackId } from '../blueprint.ts';
import type { StackDriver } from '../driver.ts';
import { checkEngine, engineEnvironment } from './environment.ts';
import { Ledger } from './ledger.ts';
import { ensurePassphrase } from './passphrase.ts';
import { PulumiDriver } from './pulumi-driver.ts';
import { BlueprintRegistry } from './registry.ts';
import { StateStore } from './state-store.ts';
import { Turns } from './turns.ts';

export interface PulumiDriverOptions {
  /** Folder for everything that must outlive the worker: state, passphrase, the blueprints' own data. */
  dataDir: string;
  /** The Pulumi CLI to run. */
  pulumiPath: string;
  /** Receives what has no caller to be told to: revived processes, details of what went wrong. */
  log?: Log;
  /** What services may use. `local-process` unless told. */
  blueprints?: readonly BlueprintFactory[];
  /** Whether the blueprints keep alive what they have made. Yes unless told; of use where a worker does it already. */
  supervise?: boolean;
  /** Between SIGINT, a second SIGINT and SIGKILL, in milliseconds. 30,000 unless told. */
  stopGraceMs?: number;
  /** When an engine that waits for nothing counts as hung, in milliseconds. 120,000 unless told. */
  idleMs?: number;
  /** When a resource's silent step counts as hung, in milliseconds. 1,800,000 unless told. */
  stepMs?: number;
}

/**
 * A stack driver over the Pulumi engine, with state in files. Any number of drivers, in any number of processes of one
 * host, may share a data folder.
 * @throws Error fit to show when the CLI cannot be run or the passphrase is not the one the state is encrypted with
 */
export async function createPulumiDriver(options: PulumiDriverOptions): Promise<StackDriver> {
  const { stopGraceMs = 30_000 } = options;
  const dataDir = resolve(options.dataDir);
  const folders = { home: join(dataDir, 'pulumi'), state: join(dataDir, 'state') };
  const passphraseFile = join(dataDir, 'passphrase');
  await ensurePassphrase(passphraseFile);
  await mkdir(folders.home, { recursive: true });
  await mkdir(folders.state, { recursive: true });
  await checkEngine(options.pulumiPath);
  const store = new StateStore(folders.state);
  const ledger = new Ledger(join(dataDir, 'operations.sqlite'));
  const turns = new Turns(ledger, store, stopGraceMs);
  const host = {
    dataDir,
    supervise: options.supervise ?? true,
    log: options.log ?? (() => undefined),
    signalOf: (id: StackId) => turns.signalOf(id),
  };
  const factories = options.blueprints ?? [localProcess];
  const registry = new BlueprintRegistry(await Promise.all(factories.map(async (factory) => factory(host))));
  const settings = {
    pulumiPath: options.pulumiPath,
    workRoot: join(dataDir, 'work'),
    env: engineEnvironment(folders, passphraseFile, registry.providers()),
    stopGraceMs,
    idleMs: options.idleMs ?? 120_000,
    stepMs: options.stepMs ?? 1_800_000,
  };
  return new PulumiDriver({ registry, store, ledger, turns, settings });
}
