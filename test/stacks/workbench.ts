import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runningProcesses } from '../../blueprints/local-process/inventory.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { findNativeTool } from '../../src/native-tools.ts';
import type { OperationContext, StackDriver, StackInput, StackProgress } from '../../src/stacks/driver.ts';
import { createPulumiDriver, type PulumiDriverOptions } from '../../src/stacks/pulumi/driver.ts';
import { openStore } from '../../src/store/store.ts';

/** Answers every request with its pid. */
export const ANSWERS_PID =
  "require('http').createServer((q, s) => s.end(String(process.pid))).listen(process.env.PORT, process.env.HOST)";

/** What a command on this page's programs looks like as a config. */
export function nodeConfig(source: string, more: JsonObject = {}): JsonObject {
  return { command: [process.execPath, '-e', source], stopGrace: '2s', ...more };
}

export function uninterrupted(seen: StackProgress[] = []): OperationContext {
  return { signal: new AbortController().signal, onProgress: (progress) => void seen.push(progress) };
}

/** How a driver is opened here: with the ledger of the store at a place, one in its data folder unless told. */
export interface DriverOptions extends Partial<Omit<PulumiDriverOptions, 'ledger'>> {
  store?: string;
}

/** A driver with a data folder of its own; all it has made goes with it. */
export class Workbench {
  readonly dataDir: string;
  driver: StackDriver;
  readonly #options: DriverOptions;
  readonly #folders: string[] = [];
  readonly #inputs = new Map<number, StackInput>();

  constructor(dataDir: string, driver: StackDriver, options: DriverOptions) {
    this.dataDir = dataDir;
    this.driver = driver;
    this.#options = options;
  }

  static async open(options: DriverOptions = {}): Promise<Workbench> {
    const dataDir = await mkdtemp(join(tmpdir(), 'supplant-driver-'));
    return new Workbench(dataDir, await openDriver(dataDir, options), options);
  }

  async reopen(options: DriverOptions = {}): Promise<void> {
    this.driver = await openDriver(this.dataDir, { ...this.#options, ...options });
  }

  async input(revision: number, config: JsonObject, artifact = 'command', name = 'local-process'): Promise<StackInput> {
    const { digest } = await this.driver.describe({ name, config }, artifact);
    const service = { name: 'web', environment: 'test' };
    const input = { service, revision, artifact, blueprint: { name, digest, config } };
    this.#inputs.set(revision, input);
    return input;
  }

  async pids(): Promise<number[]> {
    return (await runningProcesses(this.dataDir)).map(({ pid }) => pid);
  }

  /** A folder with these files, beside the driver's own. */
  async folder(files: Record<string, string>): Promise<string> {
    const folder = await mkdtemp(join(this.dataDir, '..', `${basename(this.dataDir)}-folder-`));
    this.#folders.push(folder);
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    return folder;
  }

  async close(): Promise<void> {
    try {
      for (const input of this.#inputs.values()) await this.driver.destroy(input, uninterrupted());
    } finally {
      await this.driver.close();
      for (const folder of [this.dataDir, ...this.#folders]) await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Where a driver's store is unless told. */
export function storeOf(dataDir: string): string {
  return join(dataDir, 'store.sqlite');
}

/** Closing the driver closes the store that it was opened with, too. */
export async function openDriver(dataDir: string, options: DriverOptions = {}): Promise<StackDriver> {
  const { store: place = storeOf(dataDir), ...more } = options;
  const store = await openStore(place);
  try {
    const own = { dataDir, ledger: store.ledger, pulumiPath: findNativeTool('pulumi') };
    const driver = await createPulumiDriver({ ...own, ...more });
    const close = driver.close.bind(driver);
    driver.close = () => close().finally(store.close);
    return driver;
  } catch (error) {
    await store.close();
    throw error;
  }
}
