import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { locateModule } from '../../../host/module-path.ts';
import { dropFirstLine } from '../../../host/whole-lines.ts';
import { identifyProcess, type ProcessIdentity } from '../../../host/process-identity.ts';
import { type RunnerReport, type RunnerSettings, type RunnerTask, passSettings } from './settings.ts';

const MAIN = locateModule('./main', import.meta.url);
const OUTPUT_KEPT = 8_000;
/** Nothing is left to do for a runner that is told to end; a busy machine may take its time, though. */
const END_MS = 10_000;

/** A runner, as the worker that has started it knows it. While it is idle it does not keep the worker from ending. */
export class RunnerProcess {
  /** Of no living process, where it has ended or could not be started. */
  readonly identity: ProcessIdentity;
  readonly #child: ChildProcess;
  readonly #log: FileHandle;
  readonly #ended: Promise<unknown>;
  #isOver = false;

  private constructor(child: ChildProcess, log: FileHandle) {
    this.#child = child;
    this.#log = log;
    this.identity = identifyProcess(child.pid ?? 0) ?? { pid: child.pid ?? 0, started: '' };
    this.#ended = Promise.race([once(child, 'exit'), once(child, 'error')]).finally(() => (this.#isOver = true));
    // An error is one to start it, and nobody may be waiting yet.
    this.#ended.catch(() => undefined);
    child.unref();
    child.channel?.unref();
  }

  /**
   * Starts one, in a session of its own: neither the terminal's Ctrl-C nor what kills the worker's group reaches it. Its
   * output goes to a file, since the first line to a pipe whose reader has died would end it, and the file has no name,
   * so that none is left behind.
   */
  static async start(settings: RunnerSettings, folder: string): Promise<RunnerProcess> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${randomUUID()}.log`);
    const log = await open(path, 'ax+', 0o600);
    try {
      const { argument, env } = passSettings(settings);
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, argument], {
        detached: true,
        stdio: ['ignore', log.fd, log.fd, 'ipc'],
        env: { ...process.env, ...env },
      });
      return new RunnerProcess(child, log);
    } finally {
      await rm(path, { force: true });
    }
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves once it can take a task, or has ended. */
  async ready(): Promise<void> {
    await this.#told((report) => 'ready' in report);
  }

  /** Gives it an operation to carry out. Resolves once that is over, or the runner has ended: the folder says which. */
  async carryOut(folder: string): Promise<void> {
    const over = this.#told((report) => 'over' in report && report.over === folder);
    const task: RunnerTask = { run: folder };
    // A runner that cannot be told has ended, or is about to.
    this.#child.send(task, () => undefined);
    await over;
  }

  /** The end of what it has printed since it was last forgotten, for whom its end is a riddle. */
  async output(): Promise<string> {
    const { size } = await this.#log.stat();
    const start = Math.max(0, size - OUTPUT_KEPT);
    const { buffer, bytesRead } = await this.#log.read(Buffer.alloc(size - start), 0, size - start, start);
    const text = buffer.toString('utf8', 0, bytesRead);
    return start === 0 ? text : dropFirstLine(text);
  }

  async forgetOutput(): Promise<void> {
    await this.#log.truncate();
  }

  /** Ends it, idle as it must be; by force where something of a blueprint's keeps its thread busy. */
  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const force = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
    await this.#ended.catch(() => undefined);
    clearTimeout(force);
    await this.#log.close();
  }

  async #told(isIt: (report: RunnerReport) => boolean): Promise<void> {
    const told = new Promise<void>((resolve) => {
      const heard = (report: RunnerReport): void => {
        if (!isIt(report)) return;
        this.#child.off('message', heard);
        resolve();
      };
      this.#child.on('message', heard);
    });
    // Whoever waits for it wants the process that waits to stay, too.
    this.#child.ref();
    this.#child.channel?.ref();
    try {
      await Promise.race([told, this.#ended]);
    } finally {
      this.#child.unref();
      this.#child.channel?.unref();
    }
  }
}
