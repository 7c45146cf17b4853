import { activityInfo, heartbeat, log } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { JsonObject } from '../domain/json.ts';
import { ALIKE_LIMIT, type AlikeFailures, type AlikeLimit, countAlike, isHopeless } from '../domain/alike-failures.ts';
import type { RolloutRef } from '../domain/service/requests.ts';
import {
  type Endpoint,
  type Revision,
  formatEndpointUrl,
  formatRevisionName,
  formatStackName,
} from '../domain/service/revision.ts';
import type { ServiceKey } from '../domain/service/service.ts';
import { LIMITS } from '../domain/service/state.ts';
import { writeOrder } from '../domain/rollout/write-order.ts';
import { createConfigRedactor } from '../secrets/secrets.ts';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import {
  OperationAborted,
  type OperationContext,
  type PlanSummary,
  StackBusyError,
  type StackDriver,
  StackError,
  type StackInput,
} from '../stacks/driver.ts';
import { createPassingFailure, createPermanentFailure } from './failures.ts';
import { withHeartbeats } from './heartbeat.ts';
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
  stacks: StackDriver,
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
      const { endpoints } = await untilHopeless(limit, revision, (context) =>
        stacks.provision(stackInput(revision), { ...context, onPlan }),
      );
      refuseTooMany(endpoints, number);
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
      await engine('destroy', revision, {}, (context) =>
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

/** Workflows carry them, and routes list them. */
function refuseTooMany(endpoints: Endpoint[], number: number): void {
  const bytes = Buffer.byteLength(JSON.stringify(endpoints));
  if (bytes <= LIMITS.endpoints) return;
  const what = `${formatRevisionName(number)} has ${endpoints.length} endpoints, which take ${bytes} bytes`;
  throw createPermanentFailure('StackFailed', `${what}; there is room for ${LIMITS.endpoints}`);
}

function stackInput(revision: Revision): StackInput {
  return {
    service: revision.service,
    revision: revision.number,
    artifact: revision.artifact,
    blueprint: revision.blueprint,
  };
}

type Operation = 'provision' | 'destroy';

type Run<T> = (context: OperationContext) => Promise<T>;

/** What an attempt tells the next one beside its progress: the last heartbeat is all that it finds. */
interface Told {
  failures?: AlikeFailures;
}

/**
 * Provisions; an engine that fails again and again in the same words will do so for ever. A stack that has to go is tried
 * without end, by a workflow that says so.
 */
async function untilHopeless<T>(limit: AlikeLimit, revision: Revision, run: Run<T>): Promise<T> {
  const { failures } = (activityInfo().heartbeatDetails ?? {}) as Told;
  try {
    return await engine('provision', revision, failures ? { failures } : {}, run);
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || error.nonRetryable || error.type !== 'StackFailed') throw error;
    const now = Date.now();
    const counted = countAlike(failures, error.message, now);
    heartbeat(counted ? { failures: counted } : {});
    if (!counted || !isHopeless(counted, now, limit)) throw error;
    const times = `${counted.count} attempts in a row ended like this, so it is given up`;
    throw createPermanentFailure('StackFailed', `${error.message.slice(0, 1_800)}; ${times}`);
  }
}

async function engine<T>(operation: Operation, { blueprint }: Revision, told: Told, run: Run<T>): Promise<T> {
  // What an engine or a provider quotes of a program's output ends in histories, the record and the log.
  const redact = await createConfigRedactor(blueprint.config);
  try {
    return await withHeartbeats((signal, report) => {
      if (told.failures) report(told);
      return run({
        signal,
        onProgress: ({ message, ...progress }) =>
          report({ ...progress, ...told, ...(message === undefined ? {} : { message: redact(message) }) }),
      });
    });
  } catch (error) {
    throw translated(operation, error, redact);
  }
}

/**
 * A resource that cannot be created fails its revision for good: the stack is destroyed and the next try is a new
 * revision. A resource that cannot be deleted is tried again.
 */
function translated(operation: Operation, error: unknown, redact: (text: string) => string): unknown {
  if (!(error instanceof StackError)) return error;
  const message = redact(error.message);
  if (error instanceof OperationAborted) return new CancelledFailure(message);
  if (error.details !== '') log.warn(message, { details: redact(error.details).slice(0, 4000) });
  const final = !error.retryable || (operation === 'provision' && error.name === 'ResourceError');
  if (final) return createPermanentFailure('StackFailed', message);
  return createPassingFailure(error instanceof StackBusyError ? 'Unavailable' : 'StackFailed', message);
}
