import type { JsonObject } from '../domain/json.ts';
import { ALIKE_LIMIT, type AlikeLimit } from '../domain/alike-failures.ts';
import type { RolloutRef } from '../domain/service/requests.ts';
import {
  type Endpoint,
  type Revision,
  formatEndpointUrl,
  formatRevisionName,
  formatStackName,
} from '../domain/service/revision.ts';
import type { ServiceKey } from '../domain/service/service.ts';
import { writeOrder } from '../domain/rollout/write-order.ts';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import type { PlanSummary, StackDriver, StackInput } from '../stacks/driver.ts';
import { provisionUntilHopeless, refuseTooManyEndpoints, runEngine } from './engine.ts';
import { createPermanentFailure } from './failures.ts';
import type { Journal } from './journal.ts';
import { requireRevision } from './require-revision.ts';

export interface StackTask {
  ref: RolloutRef;
  revision: number;
}

export interface ProvisionResult {
  endpoints: Endpoint[];
  /** What was planned before anything was made, in a few words; missing where the blueprint asks for no plan. */
  plan?: string;
}

export interface DestroyTask extends StackTask {
  /** What the revision is afterwards. */
  becomes: 'retired' | 'failed';
  because: string;
  /** Its service need not know that it is destroyed: nothing is done where it is used again. */
  again?: true;
}

/** Creates and destroys revisions' stacks. A retry of either finds what the attempt before left and goes on from there. */
export function stackActivities(
  stacks: Pick<StackDriver, 'provision' | 'destroy'>,
  catalogue: Catalogue,
  journal: Journal,
  limit: AlikeLimit = ALIKE_LIMIT,
) {
  return {
    async provision({ ref, revision: number }: StackTask): Promise<ProvisionResult> {
      const revision = await requireRevision(catalogue, ref.service, number);
      const stack = formatStackName(revision.service, revision.number);
      const step = `r${revision.number}`;
      await journal.writeFirst(ref, 'stack.provisioning', step, {
        stack,
        artifact: revision.artifact,
        blueprint: revision.blueprint.name,
        digest: revision.blueprint.digest,
      });
      let planned: PlanSummary | undefined;
      const onPlan = async (plan: PlanSummary): Promise<void> => {
        planned = plan;
        await journal.writeFirst(ref, 'stack.planned', step, { stack, ...(plan as unknown as JsonObject) });
      };
      const { endpoints } = await provisionUntilHopeless(limit, revision.blueprint.config, (context) =>
        stacks.provision(stackInput(revision), { ...context, onPlan }),
      );
      refuseTooManyEndpoints(endpoints, formatRevisionName(number));
      await catalogue.saveRevision(
        { ...revision, state: 'ready', since: new Date().toISOString(), endpoints },
        writeOrder(ref.number, 'provision'),
      );
      await journal.writeFirst(ref, 'stack.provisioned', step, { stack, endpoints: endpoints.map(formatEndpointUrl) });
      return { endpoints, ...(planned ? { plan: formatPlan(planned) } : {}) };
    },

    /** @throws ApplicationFailure `InUse`, not to be retried, for one that was begun again and is not to go any more */
    async destroy({ ref, revision: number, becomes, because, again }: DestroyTask): Promise<void> {
      const revision = await requireRevision(catalogue, ref.service, number);
      const confirm = again ? { confirm: () => refuseUsed(catalogue, ref.service, number) } : {};
      await confirm.confirm?.();
      const stack = formatStackName(revision.service, revision.number);
      const step = `r${revision.number}`;
      await journal.writeFirst(ref, 'stack.destroying', step, { stack }, because);
      // From here on it is not what it was. Anyone who reads the record meanwhile must not take it for warm.
      if (revision.state !== becomes) {
        const leaving = { ...revision, state: becomes, since: new Date().toISOString() };
        await catalogue.saveRevision(leaving, writeOrder(ref.number, 'destroy'));
      }
      await runEngine('destroy', revision.blueprint.config, (context) =>
        stacks.destroy(stackInput(revision), { ...context, ...confirm }),
      );
      await catalogue.saveRevision(
        { ...revision, state: becomes, since: new Date().toISOString(), endpoints: [] },
        writeOrder(ref.number, 'destroy'),
      );
      await journal.writeFirst(ref, 'stack.destroyed', step, { stack }, because);
    },
  };
}

/** A revision that is on record as gone, and that no rollout may be about to provision again. */
async function refuseUsed(catalogue: Catalogue, service: ServiceKey, number: number): Promise<void> {
  const [overview] = await catalogue.overview(service);
  const { state = 'unknown' } = (await catalogue.revision(service, number)) ?? {};
  if (overview && !overview.running && (state === 'retired' || state === 'failed')) return;
  const name = formatRevisionName(number);
  const why = overview?.running ? `rollout ${overview.running.number} is under way` : `${name} is ${state}`;
  throw createPermanentFailure('InUse', why);
}

/** `12 resources; about 31.20 USD a month by prices of 2026-11-01 (2 × t4g.small all day)` */
export function formatPlan({ resources, cost }: Pick<PlanSummary, 'resources' | 'cost'>): string {
  const count = `${resources} ${resources === 1 ? 'resource' : 'resources'}`;
  if (!cost) return count;
  const { perMonth, currency, pricesOf, assumes } = cost;
  return `${count}; about ${perMonth.toFixed(2)} ${currency} a month by prices of ${pricesOf} (${assumes})`;
}

function stackInput(revision: Revision): StackInput {
  return {
    service: revision.service,
    revision: revision.number,
    artifact: revision.artifact,
    blueprint: revision.blueprint,
  };
}
