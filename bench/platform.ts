import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { inventory, sweep } from '../blueprints/local-process/inventory.ts';
import type { SupplantClient } from '../src/contract/supplant-client.ts';
import { connectClient } from '../src/client/client.ts';
import { resolveDataFolder } from '../src/data-folder.ts';
import type { DevInfo } from '../src/dev/dev.ts';
import { readLease } from '../src/host/dev-lease.ts';
import type { Receipt } from '../src/domain/service/requests.ts';
import type { RolloutStatus } from '../src/domain/rollout/status.ts';
import { noteEnded, noteRunning } from './running.ts';

const COMMANDS = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

/** `supplant dev` on a data folder of its own. */
class DevProcess implements AsyncDisposable {
  readonly dataDir: string;
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  #ending: Promise<void> | undefined;

  private constructor(dataDir: string) {
    this.dataDir = dataDir;
    // A group of its own, so that Ctrl-C reaches the bench alone, which then ends everything in order.
    this.#process = spawn(process.execPath, [COMMANDS, 'dev', '--data', dataDir, '-o', 'json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    noteRunning(this);
  }

  static async start(): Promise<DevProcess> {
    return new DevProcess(await mkdtemp(join(tmpdir(), 'supplant-bench-')));
  }

  /** Resolves once everything runs. */
  async ready(): Promise<DevInfo> {
    const told = text(this.#process.stderr);
    for await (const line of createInterface({ input: this.#process.stdout })) return JSON.parse(line) as DevInfo;
    throw new Error(`supplant dev ended:\n${await told}`);
  }

  /** Once only: to be interrupted a second time makes `supplant dev` leave its parts behind. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#ending ??= this.#end());
  }

  async #end(): Promise<void> {
    noteEnded(this);
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGINT');
      await ended;
    }
    await removeStacks(resolveDataFolder(this.dataDir).stacks);
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** All of Supplant, as `supplant dev` runs it, and a client. */
export class Platform implements AsyncDisposable {
  readonly info: DevInfo;
  readonly client: SupplantClient;
  readonly #dev: DevProcess;

  private constructor(dev: DevProcess, info: DevInfo, client: SupplantClient) {
    this.info = info;
    this.client = client;
    this.#dev = dev;
  }

  static async start(): Promise<Platform> {
    const dev = await DevProcess.start();
    try {
      return new Platform(dev, await dev.ready(), await connectClient({ dataDir: dev.dataDir }));
    } catch (error) {
      await dev[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The worker's process; undefined while it does not run. */
  get workerPid(): number | undefined {
    return readLease(resolveDataFolder(this.info.dataDir).lease)?.parts.worker?.pid;
  }

  /** Waits for the rollout that a request led to. @throws Error when it did not succeed */
  async done(asked: Promise<Receipt>): Promise<RolloutStatus> {
    const { service, rollout } = await asked;
    const status = await this.client.waitForRollout(service, rollout);
    if (status.outcome === 'succeeded') return status;
    throw new Error(`rollout ${rollout} of ${service.name} has ${status.outcome}: ${status.because}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.#dev[Symbol.asyncDispose]();
  }
}

/** Ends the processes of all stacks that were made with a data folder. */
export async function removeStacks(dataDir: string): Promise<void> {
  for (const stack of await inventory(dataDir)) await sweep(dataDir, stack);
}

export function change(): { actor: string; requestId: string } {
  return { actor: 'bench', requestId: randomUUID() };
}
