import { ALIKE_LIMIT, type AlikeLimit } from '../../domain/alike-failures.ts';
import type { Lease } from '../../domain/experiment/lease.ts';
import { type RunRef, formatRunName } from '../../domain/experiment/run.ts';
import type { JsonObject } from '../../domain/json.ts';
import { type Endpoint, formatEndpointUrl } from '../../domain/service/revision.ts';
import type { OperationContext, PlanSummary, StackDriver } from '../../stacks/driver.ts';
import type { ExperimentStore } from '../../store/experiments/stores.ts';
import { provisionUntilHopeless, refuseTooManyEndpoints, runEngine } from '../engine.ts';
import { createPermanentFailure } from '../failures.ts';
import { formatPlan } from '../stacks.ts';
import { locateStack, requireRun, toStackInput } from './require-run.ts';
import type { RunJournal } from './run-journal.ts';

export interface VariantTask {
  ref: RunRef;
  variant: string;
  /** Who asked for the run. */
  actor: string;
}

export interface VariantMade {
  endpoints: Endpoint[];
  /** What was planned before anything was made, in a few words; missing where the blueprint asks for no plan. */
  plan?: string;
}

/** Makes and destroys the stacks of variants. A retry of either finds what the attempt before left and goes on from there. */
export function variantActivities(
  store: Pick<ExperimentStore, 'leases' | 'runs'>,
  stacks: Pick<StackDriver, 'provision' | 'destroy'>,
  journal: RunJournal,
  limit: AlikeLimit = ALIKE_LIMIT,
) {
  /** A lease in force, of a run that is not being ended. */
  async function requireLease({ ref, variant }: VariantTask): Promise<Lease> {
    const id = locateStack(ref, variant);
    const [lease, { status, stop }] = await Promise.all([store.leases.find(id), requireRun(store, ref)]);
    const isEnding = status.outcome !== undefined || stop !== undefined;
    if (lease && !isEnding && Date.parse(lease.deadlineAt) > Date.now()) return lease;
    const why = !lease ? 'has no lease' : isEnding ? 'is of a run that ends' : `had a lease until ${lease.deadlineAt}`;
    throw createPermanentFailure('LeaseOver', `${id.stack} ${why}: it is not made`);
  }

  return {
    /** @throws ApplicationFailure `LeaseOver`, not to be retried, where nobody may make it any more; `StackFailed` */
    async provisionVariant(task: VariantTask): Promise<VariantMade> {
      const { ref, variant, actor } = task;
      const lease = await requireLease(task);
      const { stack, artifact, blueprint } = lease;
      const write = (type: string, data: JsonObject) =>
        journal.write(ref, { type, step: variant, actor, data: { stack, ...data } });
      await write('stack.provisioning', { artifact, blueprint: blueprint.name, digest: blueprint.digest });
      let planned: PlanSummary | undefined;
      const onPlan = async (plan: PlanSummary): Promise<void> => {
        planned = plan;
        await write('stack.planned', plan as unknown as JsonObject);
      };
      const { endpoints } = await provisionUntilHopeless(limit, blueprint.config, (context) =>
        whileLeased(store, lease, context, (leased) => stacks.provision(toStackInput(lease), { ...leased, onPlan })),
      );
      refuseTooManyEndpoints(endpoints, `variant ${variant}`);
      await write('stack.provisioned', { endpoints: endpoints.map(formatEndpointUrl) });
      return { endpoints, ...(planned ? { plan: formatPlan(planned) } : {}) };
    },

    /** A stack whose lease was released is gone. */
    async destroyVariant({ ref, variant, actor, because }: VariantTask & { because: string }): Promise<void> {
      const id = locateStack(ref, variant);
      const lease = await store.leases.find(id);
      if (!lease) return;
      const event = { step: variant, actor, data: { stack: id.stack }, reason: because };
      await journal.write(ref, { type: 'stack.destroying', ...event });
      await runEngine('destroy', lease.blueprint.config, (context) => stacks.destroy(toStackInput(lease), context));
      await journal.write(ref, { type: 'stack.destroyed', ...event });
      await journal.write(ref, { type: 'lease.released', ...event });
      await store.leases.release(id);
    },
  };
}

/**
 * Calls an engine operation off once its lease is over. Who waits for it has done so already, unless that one is gone, or
 * cannot be reached.
 */
async function whileLeased<T>(
  { leases }: Pick<ExperimentStore, 'leases'>,
  lease: Lease,
  context: OperationContext,
  run: (context: OperationContext) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const watch = (until: string): void => {
    // What a timer takes: longer ones would end at once.
    const ms = Math.min(2 ** 31 - 1, Math.max(0, Date.parse(until) - Date.now()));
    timer = setTimeout(() => void look(), ms);
  };
  const look = async (): Promise<void> => {
    const found = await leases.find(lease).catch(() => lease);
    if (found && Date.parse(found.deadlineAt) > Date.now()) watch(found.deadlineAt);
    else over.abort(new Error(`the lease of ${formatRunName(lease.run)} is over`));
  };
  watch(lease.deadlineAt);
  try {
    return await run({ ...context, signal: AbortSignal.any([context.signal, over.signal]) });
  } finally {
    clearTimeout(timer);
  }
}
