import type { JsonObject } from '../../domain/json.ts';
import type { StackId } from '../blueprint.ts';
import { BlueprintError, EngineError, type OperationContext, ResourceError, type StackInput } from '../driver.ts';
import { findPlanFaults, summarizePlan } from '../plan.ts';
import type { ApprovedPlan, StackLock } from './lock/stack-lock.ts';
import type { Parts } from './parts.ts';
import { ensurePolicyRunner } from './policy-runner.ts';
import { readState } from './state/read-state.ts';

/** A stack that is to be made, and its config as the program gets it. */
export interface Bringing {
  id: StackId;
  input: StackInput;
  config: JsonObject;
}

type Having = Pick<Parts, 'registry' | 'store' | 'plugins'>;

/**
 * Has the engine make what the program asks for; once more where the answer to a create may have been lost.
 *
 * @throws BlueprintError for a plan that must not be carried out
 * @throws EngineError where it is not known what became of a create
 */
export async function bringUp(
  having: Having,
  lock: StackLock,
  bringing: Bringing,
  context: OperationContext,
): Promise<void> {
  const { id, input, config } = bringing;
  const attempt = async (): Promise<void> => {
    // What a dead worker has begun was looked at before.
    const approved = lock.carriesOn ? undefined : await approve(having, lock, bringing, context);
    await lock.run({ config, ...(approved ? { approved } : {}) });
  };
  const blueprint = having.registry.getExact(input);
  await attempt().catch(async (error: unknown) => {
    if (!(error instanceof ResourceError) || blueprint.isLostAnswer?.(error.message) !== true) throw error;
    await settlePending(having, id);
    await attempt();
  });
  await settlePending(having, id);
}

/**
 * Looks at what the engine would do, where the blueprint asks for that.
 * @throws BlueprintError for a plan that must not be carried out, with everything that is wrong with it
 */
async function approve(
  { registry, plugins }: Having,
  lock: StackLock,
  { input, config }: Bringing,
  { onPlan }: OperationContext,
): Promise<ApprovedPlan | undefined> {
  const guard = registry.getExact(input).guard?.(config);
  if (!guard) return undefined;
  const { policyPacks = [] } = guard;
  if (policyPacks.length > 0) await ensurePolicyRunner(plugins.home);
  const { plan, saved } = await lock.preview(config, policyPacks);
  const faults = findPlanFaults(plan, guard);
  if (faults.length > 0) throw new BlueprintError(`nothing was made, since the plan is refused: ${faults.join('; ')}`);
  const summary = summarizePlan(plan, guard);
  await onPlan?.(summary);
  return { digest: summary.digest, saved };
}

/** Creates whose outcome an interrupted run did not record: each must have been adopted, or something is lost. */
async function settlePending({ store }: Having, id: StackId): Promise<void> {
  const { pending, resources } = await readState(store, id);
  if (pending.length === 0) return;
  const known = new Set(resources.map(({ urn }) => urn));
  const lost = pending.filter(({ urn }) => !known.has(urn));
  if (lost.length > 0) {
    throw new EngineError(
      `${id.stack} has unresolved operations: ${lost.map(({ urn }) => urn).join(', ')}; destroy it`,
    );
  }
  await store.clearPending(id);
}
