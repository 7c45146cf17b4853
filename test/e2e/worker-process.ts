import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** What is run unless told. */
export const WORKER = fileURLToPath(new URL('../../src/worker.ts', import.meta.url));

/** One run of a worker, which nobody starts again. */
export class WorkerProcess {
  readonly pid: number;
  /** Once it takes work: when that was, in milliseconds since the epoch. Rejects when it ends before. */
  readonly ready: Promise<number>;
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;

  constructor(program: string, args: string[], { env, logFile }: { env: NodeJS.ProcessEnv; logFile: string }) {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C is for whoever started it, who then ends everything in order.
      detached: true,
      env: { ...process.env, ...env },
    });
    const log = createWriteStream(logFile, { flags: 'a' });
    child.stderr.pipe(log, { end: false });
    this.#process = child;
    this.pid = child.pid ?? 0;
    this.ready = new Promise((resolve, reject) => {
      const lines = createInterface({ input: child.stdout });
      lines.on('line', (line) => (line === 'worker ready' ? resolve(Date.now()) : log.write(`${line}\n`)));
      child.once('exit', () => reject(new Error(`a worker ended before it was ready; its log: ${logFile}`)));
    });
    this.ready.catch(() => undefined);
  }

  get runs(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Resolves once it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (!this.runs) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill(signal);
    // One that was stopped hears of it only when it goes on.
    if (signal !== 'SIGKILL') this.#process.kill('SIGCONT');
    await gone;
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }
}
