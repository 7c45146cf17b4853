import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadReport } from './load-counts.ts';
import type { LoadMessage, LoadTask } from './load-process.ts';

/** Requests at a fixed rate, sent by a process of their own. */
export class Load {
  readonly #process: ChildProcess;
  readonly #final: Promise<LoadReport>;
  #last: LoadReport | undefined;

  /** @param onLost told when the process ends without having been stopped */
  constructor(onLost: (error: Error) => void) {
    this.#process = fork(fileURLToPath(new URL('./load-process.ts', import.meta.url)), { stdio: 'inherit' });
    const final = Promise.withResolvers<LoadReport>();
    this.#final = final.promise;
    this.#final.catch(() => undefined);
    this.#process.on('message', ({ kind, report }: LoadMessage) => {
      this.#last = report;
      if (kind === 'final') final.resolve(report);
    });
    this.#process.once('exit', (code, signal) => {
      const error = new Error(`the load generator ended (${signal ?? `exit code ${String(code)}`})`);
      final.reject(error);
      onLost(error);
    });
  }

  start(task: LoadTask): void {
    this.#process.send(task);
  }

  /** The latest of what it has counted; undefined before it began. */
  get report(): LoadReport | undefined {
    return this.#last;
  }

  /** Sends nothing more and waits for the answers that are still out. */
  async stop(): Promise<LoadReport> {
    this.#process.send('stop');
    return this.#final;
  }

  /** Ends the process, whatever it is doing. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.removeAllListeners('exit');
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}
