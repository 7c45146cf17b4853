import { EngineError } from '../../driver.ts';
import type { RunnerSettings } from './settings.ts';
import { RunnerProcess } from './runner-process.ts';

export interface PoolOptions {
  settings: RunnerSettings;
  /** For files that a runner's start needs for a moment. */
  folder: string;
  /** How many runners may wait for work for as long as it takes. */
  idle: number;
}

/** Operations come in bursts: more than may stay for ever wait this long for the next one. In milliseconds. */
const LINGER_MS = 10_000;

/**
 * The runners of one worker. A start costs some 190 ms of processor time, so an operation is given one that is warm: the
 * first is started in advance, later ones are those whose operation ended well.
 */
export class RunnerPool {
  readonly #options: PoolOptions;
  /** Those that have waited longest come first. */
  readonly #idle: { runner: Promise<RunnerProcess>; since: number }[] = [];
  readonly #ending = new Set<Promise<unknown>>();
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
      const runner = await waiting.runner.catch(() => undefined);
      if (runner && !runner.isOver) return runner;
      // Killed while it waited.
      await runner?.end();
    }
    return this.#start();
  }

  /** After an operation that ended well. */
  async giveBack(runner: RunnerProcess): Promise<void> {
    if (this.#isClosed || runner.isOver) return runner.end();
    await runner.forgetOutput();
    this.#keep(Promise.resolve(runner));
    if (this.#idle.length > this.#options.idle) setTimeout(() => this.#endSurplus(), LINGER_MS).unref();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { runner } of this.#idle.splice(0)) this.#end(runner);
    await Promise.all(this.#ending);
  }

  #keep(runner: Promise<RunnerProcess>): void {
    // Told to whoever takes it, by a start of its own that fails alike.
    runner.catch(() => undefined);
    this.#idle.push({ runner, since: performance.now() });
  }

  #endSurplus(): void {
    const isDue = (waiting?: { since: number }): boolean =>
      waiting !== undefined && performance.now() - waiting.since >= LINGER_MS;
    while (this.#idle.length > this.#options.idle && isDue(this.#idle[0])) {
      const surplus = this.#idle.shift();
      if (surplus) this.#end(surplus.runner);
    }
  }

  #end(runner: Promise<RunnerProcess>): void {
    const ended = runner.then(
      async (started) => started.end(),
      () => undefined,
    );
    this.#ending.add(ended);
    void ended.finally(() => this.#ending.delete(ended));
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
