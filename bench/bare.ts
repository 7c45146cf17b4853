import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceSpec } from '../src/domain/service/service.ts';
import type { BareAnswer, BareKind, BareSettings, BareTask } from './bare-process.ts';
import { removeStacks } from './platform.ts';
import { noteEnded, noteRunning } from './running.ts';

interface Waiting {
  resolve: () => void;
  reject: (error: Error) => void;
}

/** The process that runs the bare scripts, any number of them at once. */
export class Bare implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #dataDir: string;
  readonly #waiting = new Map<number, Waiting>();
  #tasks = 0;

  private constructor(child: ChildProcess, dataDir: string) {
    this.#process = child;
    this.#dataDir = dataDir;
    child.on('message', (message: BareAnswer) => this.#heard(message));
    child.once('exit', () => this.#lost());
    noteRunning(this);
  }

  static async start(routerSocket: string): Promise<Bare> {
    const dataDir = await mkdtemp(join(tmpdir(), 'supplant-bench-bare-'));
    const settings: BareSettings = { dataDir, routerSocket };
    const child = fork(new URL('./bare-process.ts', import.meta.url), [JSON.stringify(settings)], { detached: true });
    const bare = new Bare(child, dataDir);
    await bare.#answer(0);
    return bare;
  }

  /** Makes `revision` of a service what is live, and destroys the one before. */
  replace(kind: BareKind, spec: ServiceSpec, revision: number): Promise<void> {
    return this.#carryOut({ work: 'replace', kind, spec, revision });
  }

  /** Makes `revision` of a service, checks it, and destroys it again. */
  visit(kind: BareKind, spec: ServiceSpec, revision: number): Promise<void> {
    return this.#carryOut({ work: 'visit', kind, spec, revision });
  }

  async #carryOut(work: Omit<BareTask, 'id'>): Promise<void> {
    this.#tasks += 1;
    const task: BareTask = { id: this.#tasks, ...work };
    const answered = this.#answer(task.id);
    this.#process.send(task);
    await answered;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    noteEnded(this);
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.disconnect();
      await ended;
    }
    for (const kind of ['script', 'driver'] satisfies BareKind[]) await removeStacks(join(this.#dataDir, kind));
    await rm(this.#dataDir, { recursive: true, force: true, maxRetries: 5 });
  }

  #answer(id: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #heard({ id, error }: BareAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve();
    else waiting?.reject(new Error(`the bare script failed: ${error}`));
  }

  #lost(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('the process of the bare scripts ended'));
  }
}
