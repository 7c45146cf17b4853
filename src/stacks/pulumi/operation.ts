import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlueprintProgram, StackId } from '../blueprint.ts';
import type { OperationContext, StackProgress } from '../driver.ts';
import type { ProcessIdentity } from '../../host/process-identity.ts';
import { engineArguments } from './engine-command.ts';
import { EventLog } from './engine-events.ts';
import { runEngine, stopEngine } from './engine-process.ts';
import { followEvents } from './event-file.ts';
import { EngineExitError, failure } from './failures.ts';
import { serveProgram } from './program-server.ts';

export interface OperationSettings {
  pulumiPath: string;
  /** Parent of working folders, one per operation. */
  workRoot: string;
  env: Record<string, string>;
  /** Between one request to stop and the next, stronger one, in milliseconds. */
  stopGraceMs: number;
  /** Without any event for this long, a program that waits for nothing is hung, in milliseconds. */
  idleMs: number;
  /** The same for a step in flight: how long a provider may be silent, in milliseconds. */
  stepMs: number;
  onEngine(workDir: string, engine: ProcessIdentity | undefined): void;
}

const WATCH_MS = 1_000;

/** Runs one engine operation on a stack: in a folder of its own, watched, stopped when asked, its errors explained. */
export async function runOperation(
  id: StackId,
  operation: StackProgress['operation'],
  program: BlueprintProgram,
  settings: OperationSettings,
  context: OperationContext,
): Promise<EventLog> {
  const events = new EventLog(operation, (progress) => context.onProgress(progress));
  const stopper = new Stopper(events, settings, context.signal);
  const workDir = await workFolder(settings.workRoot, id);
  const served = await serveProgram(program);
  const eventFile = join(workDir, 'events.jsonl');
  const followed = await followEvents(eventFile, (event) => events.note(event));
  let failed: unknown;
  try {
    const exit = await runEngine({
      binary: settings.pulumiPath,
      args: engineArguments({ operation, stack: id.stack, programPort: served.port, eventFile }),
      cwd: workDir,
      env: settings.env,
      logFile: join(workDir, 'engine.log'),
      onSpawn: (engine) => {
        settings.onEngine(workDir, engine);
        stopper.watch(engine);
      },
    });
    if (exit.code !== 0) failed = new EngineExitError(exit);
  } catch (error) {
    failed = error;
  } finally {
    await stopper.done();
    served.close();
    await followed.finish();
    await rm(workDir, { recursive: true, force: true, maxRetries: 3 });
    settings.onEngine(workDir, undefined);
  }
  if (failed === undefined) return events;
  const { stopped } = stopper;
  throw failure({ stack: id.stack, events, programFault: served.fault(), ...(stopped ? { stopped } : {}) }, failed);
}

/** The engine wants to be run in a project's folder, and finds there only what it must know. */
async function workFolder(workRoot: string, { project, stack }: StackId): Promise<string> {
  await mkdir(workRoot, { recursive: true });
  const folder = await mkdtemp(join(workRoot, `${project}.${stack}.`));
  const description = { name: project, runtime: 'nodejs', main: folder };
  await writeFile(join(folder, 'Pulumi.yaml'), JSON.stringify(description));
  return folder;
}

/** Ends the engine when the caller wants it, or when it hangs. */
class Stopper {
  readonly #events: EventLog;
  readonly #settings: OperationSettings;
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.#stop('caller');
  #engine: ProcessIdentity | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopping: Promise<unknown> | undefined;
  stopped: 'caller' | 'hung' | undefined;

  constructor(events: EventLog, settings: OperationSettings, signal: AbortSignal) {
    this.#events = events;
    this.#settings = settings;
    this.#signal = signal;
  }

  watch(engine: ProcessIdentity): void {
    this.#engine = engine;
    this.#events.lastAt = performance.now();
    this.#timer = setInterval(() => this.#look(), WATCH_MS);
    if (this.#signal.aborted) this.#stop('caller');
    else this.#signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  async done(): Promise<void> {
    clearInterval(this.#timer);
    this.#signal.removeEventListener('abort', this.#onAbort);
    await this.#stopping;
  }

  #look(): void {
    const limit = this.#events.stepsInFlight > 0 ? this.#settings.stepMs : this.#settings.idleMs;
    if (performance.now() - this.#events.lastAt > limit) this.#stop('hung');
  }

  #stop(why: 'caller' | 'hung'): void {
    if (!this.#engine || this.#stopping) return;
    this.stopped = why;
    // The engine's end is awaited by its runner; that it cannot be ended at all is told by the next operation's recovery.
    this.#stopping = stopEngine(this.#engine, this.#settings.stopGraceMs).catch(() => undefined);
  }
}
