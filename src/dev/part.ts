import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { computeBackoffMs } from '../domain/backoff.ts';
import { openBoundedLog } from '../host/bounded-log.ts';
import { type ProcessIdentity, identifyProcess } from '../host/process-identity.ts';

export interface PartOptions {
  name: string;
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** The working directory; that of this process unless told. */
  cwd?: string;
  logFile: string;
  /** Told of every process that is started. */
  onStart: (identity: ProcessIdentity) => void;
  log: (line: string) => void;
  /** Between SIGTERM and SIGKILL, in milliseconds. */
  graceMs: number;
}

/** A process that ran this long was healthy: its next restart is immediate again. */
const HEALTHY_MS = 60_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** One of the processes that `supplant dev` is made of. Started again whenever it ends without having been stopped. */
export class Part {
  readonly #options: PartOptions;
  #process: ChildProcess | undefined;
  readonly #stopped = new AbortController();
  #restarts = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: PartOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** How often it has ended without being asked to. */
  get restarts(): number {
    return this.#restarts;
  }

  start(): void {
    this.#loop = this.#keepRunning();
  }

  /** At once, for when this process is about to end. */
  kill(): void {
    this.#stopped.abort();
    this.#process?.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    const running = this.#process;
    if (running?.exitCode === null && running.signalCode === null) {
      running.kill('SIGTERM');
      const timer = setTimeout(() => running.kill('SIGKILL'), this.#options.graceMs);
      await this.#loop;
      clearTimeout(timer);
    } else {
      await this.#loop;
    }
  }

  async #keepRunning(): Promise<void> {
    for (let failures = 0; !this.#isStopping();) {
      const begun = performance.now();
      const ended = await this.#runOnce();
      if (this.#isStopping()) return;
      this.#restarts += 1;
      failures = performance.now() - begun > HEALTHY_MS ? 0 : failures + 1;
      const { name, log, logFile } = this.#options;
      log(`${name} ended (${ended}) and is started again; its log: ${logFile}`);
      if (failures > 0) await this.#pause(computeBackoffMs(failures, FIRST_PAUSE_MS, LONGEST_PAUSE_MS));
    }
  }

  async #pause(millis: number): Promise<void> {
    // Called off when it is stopped meanwhile.
    await sleep(millis, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
  }

  #isStopping(): boolean {
    return this.#stopped.signal.aborted;
  }

  /** Output does not go through this process: the part must outlive it if it is killed. */
  async #runOnce(): Promise<string> {
    const { command, args, env, cwd, logFile, onStart } = this.#options;
    const log = await openBoundedLog(logFile);
    try {
      if (this.#isStopping()) return 'not started';
      // A group of its own, so that Ctrl-C in the terminal reaches us alone and we end the parts in order.
      const child = spawn(command, args, {
        stdio: ['ignore', log.output, log.output],
        detached: true,
        ...(cwd === undefined ? {} : { cwd }),
        env: { ...process.env, ...env },
      });
      this.#process = child;
      const ended = new Promise<string>((resolve) => {
        child.once('error', (error) => resolve(error.message));
        child.once('exit', (code, signal) => resolve(signal ?? `exit code ${String(code)}`));
      });
      const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
      if (identity) onStart(identity);
      return await ended;
    } finally {
      log.close();
    }
  }
}
