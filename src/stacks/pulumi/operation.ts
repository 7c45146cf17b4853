import { LocalWorkspace, type PulumiCommand, Stack } from '@pulumi/pulumi/automation/index.js';
import { AsyncResource } from 'node:async_hooks';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlueprintProgram, StackId } from '../blueprint.ts';
import type { OperationContext, StackProgress } from '../driver.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { engineCommand } from './engine-command.ts';
import { EventLog } from './engine-events.ts';
import { stopEngine } from './engine-process.ts';
import { failure } from './failures.ts';

export interface OperationSettings {
  installed: PulumiCommand;
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
  // Events come over a connection of the engine's, which has no part in the caller's asynchronous context.
  const onProgress = AsyncResource.bind((progress: StackProgress) => context.onProgress(progress));
  const events = new EventLog(operation, onProgress);
  const stopper = new Stopper(events, settings, context.signal);
  let programFault: unknown;
  await mkdir(settings.workRoot, { recursive: true });
  const workDir = await mkdtemp(join(settings.workRoot, `${id.project}.${id.stack}.`));
  try {
    const command = engineCommand(settings.installed, 'engine.log', (engine) => {
      settings.onEngine(workDir, engine);
      stopper.watch(engine);
    });
    const stack = await selected(id, workDir, command, settings.env, async () => {
      try {
        return { ...(await program()) };
      } catch (error) {
        programFault = error;
        throw error;
      }
    });
    await carryOut(stack, operation, events);
    return events;
  } catch (error) {
    const { stopped } = stopper;
    throw failure({ stack: id.stack, events, programFault, ...(stopped ? { stopped } : {}) }, error);
  } finally {
    await stopper.done();
    await rm(workDir, { recursive: true, force: true, maxRetries: 3 });
    settings.onEngine(workDir, undefined);
  }
}

async function selected(
  id: StackId,
  workDir: string,
  command: PulumiCommand,
  envVars: Record<string, string>,
  program: () => Promise<Record<string, unknown>>,
): Promise<Stack> {
  const workspace = await LocalWorkspace.create({
    workDir,
    envVars,
    program,
    pulumiCommand: command,
    projectSettings: { name: id.project, runtime: 'nodejs', main: workDir },
  });
  return Stack.select(id.stack, workspace);
}

async function carryOut(stack: Stack, operation: StackProgress['operation'], events: EventLog): Promise<void> {
  const options = { color: 'never', onEvent: events.note.bind(events), suppressOutputs: true } as const;
  switch (operation) {
    case 'preview':
      await stack.preview(options);
      return;
    case 'up':
      await stack.up({ ...options, suppressProgress: true });
      return;
    case 'refresh':
      await stack.previewRefresh(options);
      return;
    case 'destroy':
      await stack.destroy({ ...options, suppressProgress: true });
  }
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
