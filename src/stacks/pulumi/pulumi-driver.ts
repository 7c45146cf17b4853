import type { DriftFinding } from '../../domain/drift/finding.ts';
import type { BlueprintVersion } from '../../domain/hosts/host.ts';
import type { JsonObject } from '../../domain/json.ts';
import { choosePool } from '../../domain/pools/pool.ts';
import { formatStackName } from '../../domain/service/revision.ts';
import type { BlueprintRef } from '../../domain/service/service.ts';
import { createConfigRedactor } from '../../secrets/secrets.ts';
import type { Blueprint, BlueprintReach, StackId } from '../blueprint.ts';
import {
  type BlueprintDescription,
  BlueprintError,
  type DestroyContext,
  type LookRequest,
  type OperationContext,
  PluginError,
  type ReapContext,
  type StackDriver,
  type StackInput,
  type StackOutputs,
  type StackPlan,
  type StackSummary,
} from '../driver.ts';
import { bringUp } from './bring-up.ts';
import { checkInput } from './check-input.ts';
import { StackInventory } from './inventory.ts';
import { computeInputDigest } from './operation/input-digest.ts';
import type { OperationSpec } from './operation/operation-folder.ts';
import type { Parts } from './parts.ts';
import { describeMissingPlugin, findMissingPlugins } from './plugins.ts';
import { planReap } from './reap.ts';
import { refuseForgotten } from './residence.ts';
import { readStackOutputs } from './state/outputs.ts';
import { readState } from './state/read-state.ts';
import { giveUp, tearDown } from './take-down.ts';

/** The revision of what is no service's: those of services begin with 1. */
const SHARED = 0;

/** The port's operations, each under its stack's lock. */
export class PulumiDriver implements StackDriver {
  readonly #parts: Parts;
  readonly #inventory: StackInventory;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#inventory = new StackInventory(parts);
  }

  /** The blueprints that are installed here. */
  blueprints(): BlueprintVersion[] {
    return this.#parts.registry.all().map(({ name, digest }) => ({ name, digest }));
  }

  async describe(ref: BlueprintRef, artifact: string, look?: LookRequest): Promise<BlueprintDescription> {
    const { registry } = this.#parts;
    const blueprint = registry.find(ref);
    if (!blueprint) return { digest: '', faults: [registry.unknown(ref.name)] };
    const made = { digest: blueprint.digest, ...choosePool(ref.pool, blueprint.pool) };
    const { faults: wrong } = await checkInput(blueprint, artifact, ref.config);
    const missing = await this.#missingPlugins(blueprint);
    const faults = [
      ...wrong,
      ...missing.map((message) => ({ path: 'blueprint.name', message: `'${ref.name}': ${message}` })),
    ];
    if (faults.length > 0 || !blueprint.exact) return { ...made, faults };
    return { ...made, faults, ...(await blueprint.exact(artifact, look ?? { signal: new AbortController().signal })) };
  }

  async preview(input: StackInput, context: OperationContext): Promise<StackPlan> {
    const { store, locks } = this.#parts;
    const spec = operation('preview', input);
    await this.#refuseElsewhere(spec, context);
    return locks.take(spec, context, async (lock) => {
      const config = await this.#checked(input);
      // The engine only previews a stack that exists.
      await store.initialise(spec.id);
      try {
        return await lock.run({ config });
      } finally {
        if ((await readState(store, spec.id)).resources.length === 0) await store.forget(spec.id);
      }
    });
  }

  async provision(input: StackInput, context: OperationContext): Promise<StackOutputs> {
    const { commissions, residence, store, locks } = this.#parts;
    const spec = operation('up', input);
    const { id } = spec;
    const redact = await createConfigRedactor(input.blueprint.config);
    await this.#refuseElsewhere(spec, context);
    return locks.take(spec, context, async (lock) => {
      // What is refused here is bound to no host.
      const checked = (await commissions.find(id)) ? undefined : await this.#checked(input);
      const [digest, host] = [computeInputDigest(input), residence.chooseHost(input)];
      const commission = await commissions.commission(id, { digest, input, ...(host === undefined ? {} : { host }) });
      residence.checkHost(id, commission);
      refuseForgotten(id, commission);
      if (commission.input !== digest) {
        throw new BlueprintError(`${id.stack} was made from another input; a revision never changes, deploy a new one`);
      }
      const made = commission.provisioned ? await store.read(id) : undefined;
      if (made) return readStackOutputs(made, redact);
      const config = checked ?? (await this.#checked(input));
      await store.initialise(id);
      await bringUp(this.#parts, lock, { id, input, config }, context);
      const outputs = readStackOutputs(await readState(store, id), redact);
      await commissions.setDelivered(id, true);
      return outputs;
    });
  }

  /**
   * Makes what several services share, or changes it in place: the one kind of stack that is no revision's. Its revision
   * is 0; what is protected in it is neither deleted nor replaced.
   * @throws BlueprintError for a revision's stack, which never changes
   */
  async apply(input: StackInput, context: OperationContext): Promise<StackOutputs> {
    if (input.revision !== SHARED) throw new BlueprintError('a revision never changes, deploy a new one');
    const { store, locks } = this.#parts;
    const spec = operation('up', input);
    await this.#refuseElsewhere(spec, context);
    return locks.take(spec, context, async (lock) => {
      const config = await this.#checked(input);
      await store.initialise(spec.id);
      await bringUp(this.#parts, lock, { id: spec.id, input, config }, context);
      return readStackOutputs(await readState(store, spec.id), await createConfigRedactor(input.blueprint.config));
    });
  }

  async detectDrift(input: StackInput, context: OperationContext): Promise<DriftFinding[]> {
    const spec = operation('refresh', input);
    await this.#refuseElsewhere(spec, context);
    const { locks, store } = this.#parts;
    return locks.take(spec, context, async (lock) => {
      // Without it nobody knows what there should be.
      await readState(store, spec.id);
      return (await lock.run()).drift ?? [];
    });
  }

  async destroy(input: StackInput, { confirm, ...context }: DestroyContext): Promise<void> {
    const { registry, locks } = this.#parts;
    const spec = operation('destroy', input);
    const isGivenUp = await this.#isGivenUp(spec, context);
    await locks.take(spec, context, async (lock) => {
      await confirm?.();
      const blueprint = registry.get(input.blueprint);
      const makers = [{ blueprint, config: input.blueprint.config }];
      await (isGivenUp
        ? giveUp(this.#parts, lock, { spec, makers }, context)
        : tearDown(this.#parts, lock, { spec, makers }));
    });
  }

  async reap(id: StackId, { madeFrom, confirm, ...context }: ReapContext): Promise<void> {
    const isGivenUp = await this.#isGivenUp({ id }, context);
    const { input, makers } = await planReap(id, this.#parts, madeFrom);
    const spec: OperationSpec = { v: 1, operation: 'destroy', id: { project: id.project, stack: id.stack }, input };
    await this.#parts.locks.take(spec, context, async (lock) => {
      await confirm?.();
      await (isGivenUp
        ? giveUp(this.#parts, lock, { spec, makers }, context)
        : tearDown(this.#parts, lock, { spec, makers }));
    });
  }

  /**
   * Before anything of the stack is looked at.
   * @throws OtherHostError where it is bound to another host
   */
  async #refuseElsewhere(spec: OperationSpec, context: OperationContext): Promise<void> {
    const { locks, residence } = this.#parts;
    locks.refuseEnded(spec, context);
    await residence.refuseElsewhere(spec.id);
  }

  /**
   * Whether a stack that is to go was on a host that was forgotten: nobody can look there.
   * @throws OtherHostError where it is bound to another host that was not
   */
  async #isGivenUp({ id }: Pick<OperationSpec, 'id'>, context: OperationContext): Promise<boolean> {
    const { commissions, locks, residence } = this.#parts;
    locks.refuseEnded({ id }, context);
    const commission = await commissions.find(id);
    const isGivenUp = residence.isGivenUp(commission);
    if (commission && !isGivenUp) residence.checkHost(id, commission);
    return isGivenUp;
  }

  list(only?: StackId): Promise<StackSummary[]> {
    return this.#inventory.list(only);
  }

  pages(reach?: BlueprintReach): AsyncGenerator<StackSummary[]> {
    return this.#inventory.pages(reach);
  }

  async close(): Promise<void> {
    const { pool, registry, locks, store } = this.#parts;
    await locks.close();
    await pool.close();
    await Promise.all(registry.all().map(async (blueprint) => blueprint.close()));
    await store.close();
  }

  /**
   * The config as the program gets it.
   * @throws BlueprintError when nothing can be made from the input by what is installed here
   * @throws PluginError when it takes a plugin that is not installed
   */
  async #checked(input: StackInput): Promise<JsonObject> {
    const blueprint = this.#parts.registry.getExact(input);
    const { config, faults } = await checkInput(blueprint, input.artifact, input.blueprint.config);
    if (faults.length > 0) throw new BlueprintError(faults.map(({ path, message }) => `${path} ${message}`).join('; '));
    const missing = await this.#missingPlugins(blueprint);
    if (missing.length > 0) throw new PluginError(missing.join('; '));
    return config;
  }

  async #missingPlugins(blueprint: Blueprint): Promise<string[]> {
    const { plugins } = this.#parts;
    return (await findMissingPlugins(plugins.home, blueprint)).map((plugin) => describeMissingPlugin(plugin, plugins));
  }
}

function operation(name: OperationSpec['operation'], input: StackInput): OperationSpec {
  const { service, revision } = input;
  return {
    v: 1,
    operation: name,
    id: { project: service.environment, stack: formatStackName(service, revision) },
    input,
  };
}
