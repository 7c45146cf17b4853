import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { inventory, sweep } from '../blueprints/local-process/inventory.ts';
import type { SupplantClient } from '../src/client/api.ts';
import { connectClient } from '../src/client/client.ts';
import { type DataFolder, dataFolder } from '../src/data-folder.ts';
import type { DevInfo } from '../src/dev/dev.ts';
import { readLease } from '../src/dev/lease.ts';
import type { Ticket } from '../src/domain/requests.ts';
import type { RolloutStatus } from '../src/domain/status.ts';
import { noteEnded, noteRunning } from './running.ts';

const COMMANDS = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

/** All of Supplant, as `supplant dev` runs it, on a data folder of its own. */
export class Platform implements AsyncDisposable {
  readonly info: DevInfo;
  readonly folder: DataFolder;
  readonly client: SupplantClient;
  readonly #process: ChildProcess;

  private constructor(info: DevInfo, client: SupplantClient, child: ChildProcess) {
    this.info = info;
    this.folder = dataFolder(info.dataDir);
    this.client = client;
    this.#process = child;
    noteRunning(this);
  }

  static async start(): Promise<Platform> {
    const dataDir = await mkdtemp(join(tmpdir(), 'supplant-bench-'));
    // A group of its own, so that Ctrl-C reaches the bench alone, which then ends everything in order.
    const child = spawn(process.execPath, [COMMANDS, 'dev', '--data', dataDir, '-o', 'json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    const told = text(child.stderr);
    for await (const line of createInterface({ input: child.stdout })) {
      return new Platform(JSON.parse(line) as DevInfo, await connectClient({ dataDir }), child);
    }
    await rm(dataDir, { recursive: true, force: true });
    throw new Error(`supplant dev ended:\n${await told}`);
  }

  /** The worker's process; undefined while it does not run. */
  get workerPid(): number | undefined {
    return readLease(this.folder.lease)?.parts.worker?.pid;
  }

  /** Waits for the rollout that a request led to. @throws Error when it did not succeed */
  async done(asked: Promise<Ticket>): Promise<RolloutStatus> {
    const { service, rollout } = await asked;
    const status = await this.client.waitForRollout(service, rollout);
    if (status.outcome === 'succeeded') return status;
    throw new Error(`rollout ${rollout} of ${service.name} has ${status.outcome}: ${status.because}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    noteEnded(this);
    await this.client.close();
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGINT');
      await once(this.#process, 'exit');
    }
    await removeStacks(this.folder.stacks);
    await rm(this.folder.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Ends the processes of all stacks that were made with a data folder. */
export async function removeStacks(dataDir: string): Promise<void> {
  for (const stack of await inventory(dataDir)) await sweep(dataDir, stack);
}

export function change(): { actor: string; requestId: string } {
  return { actor: 'bench', requestId: randomUUID() };
}
