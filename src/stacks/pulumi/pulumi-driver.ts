import { stackName } from '../../domain/revision.ts';
import type { BlueprintRef } from '../../domain/service.ts';
import type { StackId } from '../blueprint.ts';
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
  type StackSummary,
} from '../driver.ts';
import { inputDigest } from './input-digest.ts';
import type { Ledger } from './ledger.ts';
import type { OperationSpec } from './operation-folder.ts';
import { stackOutputs } from './outputs.ts';
import type { BlueprintRegistry } from './registry.ts';
import type { RunnerPool } from './runner-pool.ts';
import type { StackState, StateStore } from './state-store.ts';
import type { Turns } from './turns.ts';

/** What a driver is put together from; `createPulumiDriver` does it. */
export interface Parts {
  registry: BlueprintRegistry;
  store: StateStore;
  ledger: Ledger;
  turns: Turns;
  pool: RunnerPool;
}

/** The port's operations, each in its stack's turn. */
export class PulumiDriver implements StackDriver {
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
    const spec = operation('preview', input);
    return turns.take(spec, context, async (turn) => {
      await this.#checked(input);
      // The engine only previews a stack that exists.
      await store.initialise(spec.id);
      try {
        return await turn.run();
      } finally {
        if ((await this.#state(spec.id)).resources.length === 0) await store.forget(spec.id);
      }
    });
  }

  async provision(input: StackInput, context: OperationContext): Promise<StackOutputs> {
    const { ledger, store, turns } = this.#parts;
    const spec = operation('up', input);
    const { id } = spec;
    return turns.take(spec, context, async (turn) => {
      const digest = inputDigest(input);
      const commission = ledger.commission(id, digest);
      if (commission.input !== digest) {
        throw new BlueprintError(`${id.stack} was made from another input; a revision never changes, deploy a new one`);
      }
      const made = commission.provisioned ? await store.read(id) : undefined;
      if (made) return stackOutputs(made);
      await this.#checked(input);
      await store.initialise(id);
      await turn.run();
      await this.#settlePending(id);
      const outputs = stackOutputs(await this.#state(id));
      ledger.delivered(id);
      return outputs;
    });
  }

  async refresh(input: StackInput, context: OperationContext): Promise<StackPlan> {
    const { store, turns } = this.#parts;
    const spec = operation('refresh', input);
    return turns.take(spec, context, async (turn) => {
      if (!(await store.read(spec.id))) return { changes: {}, lines: [] };
      return turn.run();
    });
  }

  async destroy(input: StackInput, context: OperationContext): Promise<void> {
    const { ledger, registry, store, turns } = this.#parts;
    const spec = operation('destroy', input);
    const { id } = spec;
    await turns.take(spec, context, async (turn) => {
      const blueprint = registry.get(input.blueprint);
      ledger.undelivered(id);
      const hasResources = async (): Promise<boolean> => ((await store.read(id))?.resources.length ?? 0) > 0;
      if (turn.carriesOn || (await hasResources())) await turn.run();
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
    const { ledger, pool, registry, turns } = this.#parts;
    await turns.close();
    await pool.close();
    await Promise.all(registry.all().map(async (blueprint) => blueprint.close()));
    ledger.close();
  }

  /** @throws BlueprintError when nothing can be made from the input by what is installed here */
  async #checked(input: StackInput): Promise<void> {
    const blueprint = this.#parts.registry.getExact(input);
    const faults = await blueprint.check(input.artifact, input.blueprint.config);
    if (faults.length === 0) return;
    throw new BlueprintError(faults.map(({ path, message }) => `${path} ${message}`).join('; '));
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

function operation(name: OperationSpec['operation'], input: StackInput): OperationSpec {
  const { service, revision } = input;
  return { v: 1, operation: name, id: { project: service.environment, stack: stackName(service, revision) }, input };
}
