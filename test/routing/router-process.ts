import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { EmbeddedRouter } from '../../src/routing/embedded/client.ts';
import type { TlsPlace } from '../../src/routing/embedded/admin-place.ts';

const MAIN = fileURLToPath(new URL('../../src/routing/embedded/main.ts', import.meta.url));

export interface Ended {
  code: number | null;
  errors: string;
}

type Ports = Record<'adminPort' | 'metricsPort', number>;

/** A router process in a folder of its own, which outlives it. */
export class RouterHome {
  readonly data: string;
  readonly socketPath: string;
  /** The two files its state is in, in the order of the first writes. */
  readonly slots: readonly [string, string];
  readonly #processes: ChildProcess[] = [];
  #adminPort = 0;
  #metricsPort = 0;

  private constructor(data: string) {
    this.data = data;
    this.socketPath = join(data, 'router.sock');
    this.slots = [join(data, 'router.0.json'), join(data, 'router.1.json')];
  }

  static async make(): Promise<RouterHome> {
    return new RouterHome(await mkdtemp(join(tmpdir(), 'supplant-router-')));
  }

  /** Starts the process and waits until it says that it is ready. */
  async start(options: string[] = []): Promise<ChildProcess> {
    const child = this.#spawn(options);
    const errors = text(child.stderr!);
    const ready = once(child.stdout!, 'data').then(([line]) => {
      const { adminPort = 0, metricsPort = 0 } = JSON.parse(String(line)) as Partial<Ports>;
      [this.#adminPort, this.#metricsPort] = [adminPort, metricsPort];
      return true;
    });
    const ended = once(child, 'exit').then(() => false);
    if (await Promise.race([ready, ended])) return child;
    throw new Error(`the router did not start: ${await errors}`);
  }

  /** Starts the process and waits until it ends. */
  async startAndEnd(options: string[] = []): Promise<Ended> {
    const child = this.#spawn(options);
    const [[code], errors] = await Promise.all([once(child, 'exit') as Promise<[number | null]>, text(child.stderr!)]);
    return { code, errors };
  }

  client(): EmbeddedRouter {
    return new EmbeddedRouter({ socketPath: this.socketPath });
  }

  /** Where it takes orders over the network, if it was started so. */
  get adminPort(): number {
    return this.#adminPort;
  }

  /** Where what it counts can be read, if it was started so. */
  get metricsPort(): number {
    return this.#metricsPort;
  }

  /** A client as workers on other machines are. */
  remoteClient(how: Omit<TlsPlace, 'url'>, host = '127.0.0.1'): EmbeddedRouter {
    return new EmbeddedRouter({ url: `https://${host}:${this.#adminPort}`, ...how });
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#processes.map((child) => kill(child)));
    await rm(this.data, { recursive: true, force: true });
  }

  #spawn(options: string[]): ChildProcess {
    const child = spawn(process.execPath, [MAIN, '--data', this.data, '--socket', this.socketPath, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#processes.push(child);
    return child;
  }
}

export async function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}
