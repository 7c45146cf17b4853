import { flushCompileCache } from 'node:module';
import type { BlueprintProgram, RecordedResource, ServedBlueprint, StackId } from '../../blueprint.ts';
import { readSecret } from '../../../secrets/secrets.ts';
import { loadBlueprints } from '../blueprint-modules.ts';
import { buildEngineEnvironment } from './environment.ts';
import { readResourceName } from '../../plan.ts';
import { OperationFolder, type OperationSpec } from '../operation/operation-folder.ts';
import { createFailedOutcome, type Outcome } from '../operation/outcome.ts';
import type { BlueprintRegistry } from '../registry.ts';
import { carryOut } from './carry-out.ts';
import { killEngine } from '../operation/stopping.ts';
import { openState } from '../state/open.ts';
import type { StateStore } from '../state/state-store.ts';
import { RunnerLeases } from './runner-leases.ts';
import type { RunnerReport, RunnerSettings, RunnerTask } from './settings.ts';

/** The engine asks no program what to destroy, or what to look at. */
const HAS_PROGRAM: Record<OperationSpec['operation'], boolean> = {
  preview: true,
  up: true,
  refresh: false,
  destroy: false,
};
const NO_PROGRAM: BlueprintProgram = async () => ({ endpoints: [] });

/** What a runner is carrying out. */
interface UnderWay {
  folder: OperationFolder;
  spec?: OperationSpec;
  stopping: AbortController;
}

/** Serves programs and providers in this process, and runs an engine for one operation at a time. */
export class Runner {
  readonly #settings: RunnerSettings;
  readonly #registry: BlueprintRegistry;
  readonly #served = new Map<string, ServedBlueprint>();
  readonly #leases: RunnerLeases | undefined;
  #underWay: UnderWay | undefined;
  #keeping: Promise<void> | undefined;
  #state: Promise<StateStore> | undefined;
  #isSound = true;

  private constructor(settings: RunnerSettings, registry: BlueprintRegistry) {
    this.#settings = settings;
    this.#registry = registry;
    this.#leases = settings.lease && new RunnerLeases(settings.lease);
  }

  static async start(settings: RunnerSettings): Promise<void> {
    const host = { dataDir: settings.dataDir, supervise: false, readSecret, log: note };
    const runner = new Runner(settings, await loadBlueprints(settings.blueprints, host));
    await runner.#serve();
    runner.#listen();
    flushCompileCache();
    report({ ready: true });
  }

  async #serve(): Promise<void> {
    const signalOf = (id: StackId): AbortSignal | undefined => {
      const { id: own } = this.#underWay?.spec ?? {};
      return own?.project === id.project && own.stack === id.stack ? this.#underWay?.stopping.signal : undefined;
    };
    for (const blueprint of this.#registry.all()) {
      this.#served.set(blueprint.name, await blueprint.serve({ signalOf }));
    }
  }

  #listen(): void {
    process.on('message', ({ run }: RunnerTask) => void this.#take(new OperationFolder(run)));
    const stop = (): void => {
      if (!this.#underWay) process.exit();
      stopUnderWay(this.#underWay);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    const stray = (error: unknown): void => this.#noteStray(error);
    process.on('uncaughtException', stray);
    process.on('unhandledRejection', stray);
    process.once('disconnect', () => this.#endUnlessBusy());
    if (!process.connected) this.#endUnlessBusy();
  }

  async #take(folder: OperationFolder): Promise<void> {
    const underWay: UnderWay = { folder, stopping: new AbortController() };
    this.#underWay = underWay;
    try {
      if (await folder.take()) await this.#conclude(underWay, await this.#outcome(underWay));
    } catch (error) {
      // Without an outcome on disk, the end of this process is what tells.
      note('error', 'an operation cannot be carried out', { folder: folder.path, error: String(error) });
      this.#isSound = false;
    }
    this.#underWay = undefined;
    report({ over: folder.path });
    if (!this.#isSound || !process.connected) await this.#end();
  }

  /** The worker is not made to wait for what only another host may ask for. */
  async #conclude({ folder, spec }: UnderWay, outcome: Outcome): Promise<void> {
    await folder.conclude(outcome);
    if (!spec || !this.#leases) return;
    this.#keeping = this.#leases
      .keep(spec, folder.path, outcome)
      .catch((error: unknown) => note('warn', 'what came of it is kept here only', { error: String(error) }));
  }

  async #outcome(underWay: UnderWay): Promise<Outcome> {
    const { folder, stopping } = underWay;
    try {
      const spec = await folder.spec();
      if (!spec) throw new Error(`${folder.path} does not say what to do`);
      underWay.spec = spec;
      using _lease = this.#leases?.watch(spec, (step) => {
        note('warn', `the claim could not be renewed in time: ${step}`, { stack: spec.id.stack });
        stopUnderWay(underWay);
        if (step === 'kill') void killEngine(folder).catch((error: unknown) => this.#noteStray(error));
      });
      const { served, startsPlugins } = this.#blueprint(spec);
      const program = HAS_PROGRAM[spec.operation]
        ? served.program(spec.input, spec.config ?? spec.input.blueprint.config, await this.#recorded(spec.id))
        : NO_PROGRAM;
      const env = buildEngineEnvironment(this.#settings, {
        providers: served.providers,
        startsPlugins,
        config: spec.input.blueprint.config,
        token: spec.token,
      });
      return {
        plan: await carryOut(
          folder,
          spec,
          program,
          { ...this.#settings, env, endsWithRunner: this.#leases !== undefined },
          stopping.signal,
        ),
      };
    } catch (error) {
      // What a failed run leaves in the SDK's globals is not for the next one to find.
      this.#isSound = false;
      return createFailedOutcome(error);
    }
  }

  async #recorded(id: StackId): Promise<RecordedResource[]> {
    const state = await (await this.#openState()).read(id);
    return (state?.resources ?? []).map(({ urn, type }) => ({ type, name: readResourceName(urn) }));
  }

  /** Open from then on: it costs an operation some ten milliseconds. What it cannot be opened for may be over with the next one. */
  async #openState(): Promise<StateStore> {
    this.#state ??= openState(this.#settings).then(({ store }) => store);
    try {
      return await this.#state;
    } catch (error) {
      this.#state = undefined;
      throw error;
    }
  }

  /** What is to be made is made by exactly what was decided on; what is there, by what calls itself the same. */
  #blueprint({ operation, input }: OperationSpec): { served: ServedBlueprint; startsPlugins: boolean } {
    const blueprint = HAS_PROGRAM[operation] ? this.#registry.getExact(input) : this.#registry.get(input.blueprint);
    const served = this.#served.get(blueprint.name);
    // One that does not say what it needs may need anything.
    if (served) return { served, startsPlugins: blueprint.plugins?.length !== 0 };
    throw new Error(`blueprint ${blueprint.name} is not served here`);
  }

  /** A rejection that came too late for the SDK to fail the run with it must not cost the steps in flight. */
  #noteStray(error: unknown): void {
    note('error', 'a blueprint left a promise unawaited, or threw where nobody could catch it', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    this.#isSound = false;
    if (!this.#underWay) process.exit(1);
  }

  #endUnlessBusy(): void {
    if (!this.#underWay) void this.#end();
  }

  async #end(): Promise<never> {
    await this.#keeping;
    process.exit();
  }
}

function stopUnderWay({ stopping, folder }: UnderWay): void {
  stopping.abort();
  folder.acknowledgeStop();
}

function report(message: RunnerReport): void {
  // A worker that is gone learns nothing, which is no fault.
  if (process.connected) process.send?.(message, () => undefined);
}

function note(level: string, message: string, fields: object = {}): void {
  console.error(JSON.stringify({ at: new Date().toISOString(), level, message, ...fields }));
}
