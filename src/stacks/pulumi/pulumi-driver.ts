import type { DriftFinding } from '../../domain/drift/finding.ts';
import type { JsonObject } from '../../domain/json.ts';
import { createConfigRedactor } from '../../secrets/secrets.ts';
import { formatStackName } from '../../domain/service/revision.ts';
import type { BlueprintRef } from '../../domain/service/service.ts';
import type { Blueprint, BlueprintReach, Log, StackId } from '../blueprint.ts';
import {
  type BlueprintDescription,
  BlueprintError,
  type DestroyContext,
  EngineError,
  type LookRequest,
  type OperationContext,
  PluginError,
  type ReapContext,
  ResourceError,
  type StackDriver,
  type StackInput,
  type StackOutputs,
  type StackPlan,
  type StackSummary,
} from '../driver.ts';
import { findPlanFaults, summarizePlan } from '../plan.ts';
import { checkInput } from './check-input.ts';
import { ensurePolicyRunner } from './policy-runner.ts';
import { describeMissingPlugin, findMissingPlugins, type PluginPlace } from './plugins.ts';
import type { BlueprintVersion } from '../../domain/hosts/host.ts';
import { choosePool } from '../../domain/pools/pool.ts';
import { computeInputDigest } from './operation/input-digest.ts';
import type { CommissionLedger } from './lock/ledger.ts';
import type { OperationSpec } from './operation/operation-folder.ts';
import { readStackOutputs } from './state/outputs.ts';
import { type Maker, planReap, sweepAll } from './reap.ts';
import { type Residence, refuseForgotten } from './residence.ts';
import type { BlueprintRegistry } from './registry.ts';
import type { RunnerPool } from './runner/runner-pool.ts';
import type { StackState } from './state/checkpoint.ts';
import type { StateStore } from './state/state-store.ts';
import type { ApprovedPlan, StackLock } from './lock/stack-lock.ts';
import type { StackLocks } from './lock/stack-locks.ts';

/** What a driver is put together from; `createPulumiDriver` does it. */
export interface Parts {
  registry: BlueprintRegistry;
  store: StateStore;
  commissions: CommissionLedger;
  residence: Residence;
  locks: StackLocks;
  pool: RunnerPool;
  plugins: PluginPlace;
  log: Log;
}

/** Enough stacks for a page to be worth its while, few enough for nobody to wait for it. */
const PAGE = 100;

/** The revision of what is no service's: those of services begin with 1. */
const SHARED = 0;

/** The port's operations, each under its stack's lock. */
export class PulumiDriver implements StackDriver {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
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
        if ((await this.#state(spec.id)).resources.length === 0) await store.forget(spec.id);
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
      await this.#up(lock, input, config, context);
      const outputs = readStackOutputs(await this.#state(id), redact);
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
      await this.#up(lock, input, config, context);
      return readStackOutputs(await this.#state(spec.id), await createConfigRedactor(input.blueprint.config));
    });
  }

  /** Has the engine make what the program asks for; once more where the answer to a create may have been lost. */
  async #up(lock: StackLock, input: StackInput, config: JsonObject, context: OperationContext): Promise<void> {
    const attempt = async (): Promise<void> => {
      // What a dead worker has begun was looked at before.
      const approved = lock.carriesOn ? undefined : await this.#approve(lock, input, config, context);
      await lock.run({ config, ...(approved ? { approved } : {}) });
    };
    const blueprint = this.#parts.registry.getExact(input);
    const { id } = operation('up', input);
    await attempt().catch(async (error: unknown) => {
      if (!(error instanceof ResourceError) || blueprint.isLostAnswer?.(error.message) !== true) throw error;
      await this.#settlePending(id);
      await attempt();
    });
    await this.#settlePending(id);
  }

  /**
   * Looks at what the engine would do, where the blueprint asks for that.
   * @throws BlueprintError for a plan that must not be carried out, with everything that is wrong with it
   */
  async #approve(
    lock: StackLock,
    input: StackInput,
    config: JsonObject,
    { onPlan }: OperationContext,
  ): Promise<ApprovedPlan | undefined> {
    const guard = this.#parts.registry.getExact(input).guard?.(config);
    if (!guard) return undefined;
    const { policyPacks = [] } = guard;
    if (policyPacks.length > 0) await ensurePolicyRunner(this.#parts.plugins.home);
    const { plan, saved } = await lock.preview(config, policyPacks);
    const faults = findPlanFaults(plan, guard);
    if (faults.length > 0)
      throw new BlueprintError(`nothing was made, since the plan is refused: ${faults.join('; ')}`);
    const summary = summarizePlan(plan, guard);
    await onPlan?.(summary);
    return { digest: summary.digest, saved };
  }

  async detectDrift(input: StackInput, context: OperationContext): Promise<DriftFinding[]> {
    const spec = operation('refresh', input);
    await this.#refuseElsewhere(spec, context);
    return this.#parts.locks.take(spec, context, async (lock) => {
      // Without it nobody knows what there should be.
      await this.#state(spec.id);
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
      await (isGivenUp ? this.#giveUp(lock, spec, makers, context) : this.#tearDown(lock, spec, makers));
    });
  }

  async reap(id: StackId, { madeFrom, confirm, ...context }: ReapContext): Promise<void> {
    const isGivenUp = await this.#isGivenUp({ id }, context);
    const { input, makers } = await planReap(id, this.#parts, madeFrom);
    const spec: OperationSpec = { v: 1, operation: 'destroy', id: { project: id.project, stack: id.stack }, input };
    await this.#parts.locks.take(spec, context, async (lock) => {
      await confirm?.();
      await (isGivenUp ? this.#giveUp(lock, spec, makers, context) : this.#tearDown(lock, spec, makers));
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

  /** Forgets a stack with its host. What of it is within everybody's reach goes all the same. */
  async #giveUp(
    lock: StackLock,
    { id, operation: name }: OperationSpec,
    makers: readonly Maker[],
    context: OperationContext,
  ): Promise<void> {
    const { commissions, store, log } = this.#parts;
    const message = `${id.stack} is given up with its host, which was forgotten`;
    log('warn', message, { host: (await commissions.findHost(id)) ?? '' });
    context.onProgress({ operation: name, done: 0, inProgress: [], message });
    await sweepAll(
      id,
      makers.filter(({ blueprint }) => blueprint.reach === 'shared'),
    );
    await lock.prove();
    await store.forget(id);
    await commissions.forget(id);
  }

  async #tearDown(lock: StackLock, { id, input }: OperationSpec, makers: readonly Maker[]): Promise<void> {
    const { commissions, registry, store } = this.#parts;
    await commissions.setDelivered(id, false);
    const hasResources = async (): Promise<boolean> => ((await store.read(id))?.resources.length ?? 0) > 0;
    if (lock.carriesOn || (await hasResources())) {
      const blueprint = registry.get(input.blueprint);
      await lock.run().catch(async (error: unknown) => {
        if (!(error instanceof ResourceError) || blueprint.isHeldBack?.(error.message) !== true) throw error;
        await blueprint.sweep(id, input.blueprint.config);
        await lock.run();
      });
    }
    // What an interrupted create made is in no state; only the provider knows it.
    await sweepAll(id, makers);
    await lock.prove();
    await store.forget(id);
    await commissions.forget(id);
  }

  async list(only?: StackId): Promise<StackSummary[]> {
    if (only) return this.#inspected(only);
    const summaries: StackSummary[] = [];
    for await (const page of this.pages()) summaries.push(...page);
    return summaries;
  }

  async *pages(reach?: BlueprintReach): AsyncGenerator<StackSummary[]> {
    const { registry, store } = this.#parts;
    const told = new Set<string>();
    const fresh = (summaries: StackSummary[]): StackSummary[] =>
      summaries.filter(({ project, stack }) => !told.has(`${project}/${stack}`) && told.add(`${project}/${stack}`));
    const inState = reach === 'shared' ? [] : await store.list();
    for (let from = 0; from < inState.length; from += PAGE) {
      yield fresh(await Promise.all(inState.slice(from, from + PAGE).map(async (id) => this.#inState(id))));
    }
    for (const blueprint of registry.all()) {
      if (reach !== undefined && (blueprint.reach ?? 'machine') !== reach) continue;
      for await (const page of blueprint.inventory()) {
        const summaries = fresh(
          page.map(({ project, stack, traces }) => ({ project, stack, resources: traces.length })),
        );
        if (summaries.length > 0) yield summaries;
      }
    }
  }

  async #inState(id: StackId): Promise<StackSummary> {
    return { ...id, resources: (await this.#parts.store.read(id))?.resources.length ?? 0 };
  }

  async #inspected(id: StackId): Promise<StackSummary[]> {
    const { registry, store } = this.#parts;
    const { project, stack } = id;
    const state = await store.read(id);
    const found = await Promise.all(registry.all().map(async (blueprint) => blueprint.inspect?.(id) ?? []));
    // Of blueprints that share a kind of process, each sees the same ones.
    const processes = found.find((some) => some.length > 0) ?? [];
    return state || processes.length > 0
      ? [{ project, stack, resources: state?.resources.length ?? 0, processes }]
      : [];
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
  return {
    v: 1,
    operation: name,
    id: { project: service.environment, stack: formatStackName(service, revision) },
    input,
  };
}
