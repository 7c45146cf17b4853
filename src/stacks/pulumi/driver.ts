import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { localProcess } from '../../../blueprints/local-process/index.ts';
import { stackName } from '../../domain/revision.ts';
import type { BlueprintRef } from '../../domain/service.ts';
import type { BlueprintFactory, BlueprintProgram, Log, StackId } from '../blueprint.ts';
import {
  type BlueprintDescription,
  BlueprintError,
  EngineError,
  type OperationContext,
  ResourceError,
  type StackDriver,
  type StackInput,
  type StackOutputs,
  type StackPlan,
  type StackProgress,
  type StackSummary,
} from '../driver.ts';
import type { EventLog } from './engine-events.ts';
import { checkEngine, engineEnvironment } from './environment.ts';
import { inputDigest } from './input-digest.ts';
import { Ledger } from './ledger.ts';
import { type OperationSettings, runOperation } from './operation.ts';
import { stackOutputs } from './outputs.ts';
import { ensurePassphrase } from './passphrase.ts';
import { BlueprintRegistry } from './registry.ts';
import { type StackState, StateStore } from './state-store.ts';
import { Turns } from './turns.ts';

export interface PulumiDriverOptions {
  /** Absolute folder for everything that must outlive the worker: state, passphrase, the blueprints' own data. */
  dataDir: string;
  /** The Pulumi CLI to run. */
  pulumiPath: string;
  /** Receives what has no caller to be told to: revived processes, details of what went wrong. */
  log?: Log;
  /** What services may use. `local-process` unless told. */
  blueprints?: readonly BlueprintFactory[];
  /** Whether the blueprints keep alive what they have made. Yes unless told; of use where a worker does it already. */
  supervise?: boolean;
  /** Between SIGINT, a second SIGINT and SIGKILL, in milliseconds. 30,000 unless told. */
  stopGraceMs?: number;
  /** When an engine that waits for nothing counts as hung, in milliseconds. 120,000 unless told. */
  idleMs?: number;
  /** When a resource's silent step counts as hung, in milliseconds. 1,800,000 unless told. */
  stepMs?: number;
}

/**
 * A stack driver over the Pulumi engine, with state in files. Any number of drivers, in any number of processes of one
 * host, may share a data folder.
 * @throws Error fit to show when the CLI cannot be run or the passphrase is not the one the state is encrypted with
 */
export async function createPulumiDriver(options: PulumiDriverOptions): Promise<StackDriver> {
  const { dataDir, stopGraceMs = 30_000 } = options;
  const folders = { home: join(dataDir, 'pulumi'), state: join(dataDir, 'state') };
  const passphraseFile = join(dataDir, 'passphrase');
  await ensurePassphrase(passphraseFile);
  await mkdir(folders.home, { recursive: true });
  await mkdir(folders.state, { recursive: true });
  await checkEngine(options.pulumiPath);
  const store = new StateStore(folders.state);
  const ledger = new Ledger(join(dataDir, 'operations.sqlite'));
  const turns = new Turns(ledger, store, stopGraceMs);
  const host = {
    dataDir,
    supervise: options.supervise ?? true,
    log: options.log ?? (() => undefined),
    signalOf: (id: StackId) => turns.signalOf(id),
  };
  const factories = options.blueprints ?? [localProcess];
  const registry = new BlueprintRegistry(await Promise.all(factories.map(async (factory) => factory(host))));
  const settings = {
    pulumiPath: options.pulumiPath,
    workRoot: join(dataDir, 'work'),
    env: engineEnvironment(folders, passphraseFile, registry.providers()),
    stopGraceMs,
    idleMs: options.idleMs ?? 120_000,
    stepMs: options.stepMs ?? 1_800_000,
  };
  return new PulumiDriver({ registry, store, ledger, turns, settings });
}

interface Parts {
  registry: BlueprintRegistry;
  store: StateStore;
  ledger: Ledger;
  turns: Turns;
  settings: Omit<OperationSettings, 'onEngine'>;
}

const NO_PROGRAM: BlueprintProgram = async () => ({ endpoints: [] });

class PulumiDriver implements StackDriver {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async describe(ref: BlueprintRef, artifact: string): Promise<BlueprintDescription> {
    const { registry } = this.#parts;
    const blueprint = registry.find(ref);
    if (!blueprint) return { digest: '', faults: [registry.unknown(ref.name)] };
    const { digest } = blueprint;
    const faults = await blueprint.check(artifact, ref.config);
    if (faults.length > 0 || !blueprint.exact) return { digest, faults };
    return { digest, faults, artifact: await blueprint.exact(artifact) };
  }

  async preview(input: StackInput, context: OperationContext): Promise<StackPlan> {
    const { store, turns } = this.#parts;
    const id = stackId(input);
    return turns.take(id, 'preview', context.signal, async (signal) => {
      const program = await this.#program(input);
      const isNew = (await store.read(id)) === undefined;
      await store.initialise(id);
      try {
        return (await this.#engine(id, 'preview', program, { ...context, signal })).plan;
      } finally {
        // The engine only previews a stack that exists.
        if (isNew) await store.forget(id);
      }
    });
  }

  async provision(input: StackInput, context: OperationContext): Promise<StackOutputs> {
    const { ledger, store, turns } = this.#parts;
    const id = stackId(input);
    return turns.take(id, 'provision', context.signal, async (signal) => {
      const digest = inputDigest(input);
      const commission = ledger.commission(id, digest);
      if (commission.input !== digest) {
        throw new BlueprintError(`${id.stack} was made from another input; a revision never changes, deploy a new one`);
      }
      const made = commission.provisioned ? await store.read(id) : undefined;
      if (made) return stackOutputs(made);
      const program = await this.#program(input);
      await store.initialise(id);
      await this.#engine(id, 'up', program, { ...context, signal });
      await this.#settlePending(id);
      const outputs = stackOutputs(await this.#state(id));
      ledger.delivered(id);
      return outputs;
    });
  }

  async refresh(input: StackInput, context: OperationContext): Promise<StackPlan> {
    const { store, turns } = this.#parts;
    const id = stackId(input);
    return turns.take(id, 'refresh', context.signal, async (signal) => {
      if (!(await store.read(id))) return { changes: {}, lines: [] };
      return (await this.#engine(id, 'refresh', NO_PROGRAM, { ...context, signal })).plan;
    });
  }

  async destroy(input: StackInput, context: OperationContext): Promise<void> {
    const { ledger, registry, store, turns } = this.#parts;
    const id = stackId(input);
    await turns.take(id, 'destroy', context.signal, async (signal) => {
      const blueprint = registry.get(input.blueprint);
      ledger.undelivered(id);
      const state = await store.read(id);
      if (state && state.resources.length > 0) await this.#engine(id, 'destroy', NO_PROGRAM, { ...context, signal });
      // What an interrupted create made is in no state; only the provider knows it.
      await blueprint.sweep(id);
      const found = await blueprint.inventory(id);
      if (found.length > 0) throw new ResourceError(`something of ${id.stack} is left: ${found[0]?.traces.join(', ')}`);
      await store.forget(id);
      ledger.forget(id);
    });
  }

  async list(): Promise<StackSummary[]> {
    const { registry, store } = this.#parts;
    const summaries = new Map<string, StackSummary>();
    for (const id of await store.list()) {
      const resources = (await store.read(id))?.resources.length ?? 0;
      summaries.set(`${id.project}/${id.stack}`, { ...id, resources });
    }
    for (const blueprint of registry.all()) {
      for (const { project, stack, traces } of await blueprint.inventory()) {
        const name = `${project}/${stack}`;
        if (!summaries.has(name)) summaries.set(name, { project, stack, resources: traces.length });
      }
    }
    return [...summaries.values()];
  }

  async close(): Promise<void> {
    const { ledger, registry, turns } = this.#parts;
    await turns.close();
    await Promise.all(registry.all().map(async (blueprint) => blueprint.close()));
    ledger.close();
  }

  async #program(input: StackInput): Promise<BlueprintProgram> {
    const blueprint = this.#parts.registry.getExact(input);
    const faults = await blueprint.check(input.artifact, input.blueprint.config);
    if (faults.length === 0) return blueprint.program(input);
    throw new BlueprintError(faults.map(({ path, message }) => `${path} ${message}`).join('; '));
  }

  async #engine(
    id: StackId,
    operation: StackProgress['operation'],
    program: BlueprintProgram,
    context: OperationContext,
  ): Promise<EventLog> {
    const { ledger, settings } = this.#parts;
    const onEngine: OperationSettings['onEngine'] = (workDir, engine) => ledger.noteEngine(id, workDir, engine);
    return runOperation(id, operation, program, { ...settings, onEngine }, context);
  }

  /** Creates whose outcome an interrupted run did not record: each must have been adopted, or something is lost. */
  async #settlePending(id: StackId): Promise<void> {
    const { pending, resources } = await this.#state(id);
    if (pending.length === 0) return;
    const known = new Set(resources.map(({ urn }) => urn));
    const lost = pending.filter(({ urn }) => !known.has(urn));
    if (lost.length > 0) {
      throw new EngineError(
        `${id.stack} has unresolved operations: ${lost.map(({ urn }) => urn).join(', ')}; destroy it`,
      );
    }
    await this.#parts.store.clearPending(id);
  }

  async #state(id: StackId): Promise<StackState> {
    const state = await this.#parts.store.read(id);
    if (!state) throw new EngineError(`the state of ${id.stack} is gone`);
    return state;
  }
}

function stackId({ service, revision }: StackInput): StackId {
  return { project: service.environment, stack: stackName(service, revision) };
}
