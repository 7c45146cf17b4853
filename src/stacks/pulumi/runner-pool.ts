import { EngineError } from '../driver.ts';
import type { RunnerSettings } from './runner/settings.ts';
import { RunnerProcess } from './runner-process.ts';

export interface PoolOptions {
  settings: RunnerSettings;
  /** For files that a runner's start needs for a moment. */
  folder: string;
  /** How many runners may wait for work. */
  idle: number;
}

/**
 * The runners of one worker. A start costs some 200 ms of processor time, so the next operation finds one that is warm
 * already: the first is started in advance, later ones are those whose operation ended well.
 */
export class RunnerPool {
  readonly #options: PoolOptions;
  readonly #idle: Promise<RunnerProcess>[] = [];
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Gets one ready for the first operation. */
  warmUp(): void {
    if (this.#idle.length < this.#options.idle) this.#keep(this.#start());
  }

  /** @throws EngineError when none can be started */
  async take(): Promise<RunnerProcess> {
    for (let waiting = this.#idle.pop(); waiting; waiting = this.#idle.pop()) {
      const runner = await waiting.catch(() => undefined);
      if (runner && !runner.isOver) return runner;
      // Killed while it waited.
      await runner?.end();
    }
    return this.#start();
  }

  /** After an operation that ended well. */
  async giveBack(runner: RunnerProcess): Promise<void> {
    if (this.#isClosed || runner.isOver || this.#idle.length >= this.#options.idle) return runner.end();
    await runner.forgetOutput();
    this.#keep(Promise.resolve(runner));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#idle.splice(0).map(async (runner) => (await runner.catch(() => undefined))?.end()));
  }

  #keep(runner: Promise<RunnerProcess>): void {
    // Told to whoever takes it, by a start of its own that fails alike.
    runner.catch(() => undefined);
    this.#idle.push(runner);
  }

  async #start(): Promise<RunnerProcess> {
    const runner = await RunnerProcess.start(this.#options.settings, this.#options.folder);
    await runner.ready();
    if (!runner.isOver) return runner;
    const details = await runner.output();
    await runner.end();
    throw new EngineError('the process that runs engines does not start', details);
  }
}
