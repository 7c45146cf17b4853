import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import type { RolloutRecord } from '../../store/catalogue/catalogue.ts';
import {
  type RefusedStart,
  type RolloutResult,
  type VerbRequest,
  formatRolloutName,
  workflowIds,
} from '../../domain/service/requests.ts';
import type { Wait } from '../../domain/rollout/rollout.ts';
import { type ServiceKey, formatServiceId } from '../../domain/service/service.ts';
import type { RolloutStatus } from '../../domain/rollout/status.ts';
import { type RolloutVerb, answerVerb } from '../../domain/rollout/verbs.ts';
import type { Store } from '../../store/store.ts';
import { rolloutStatusQuery } from '../../workflows/shared/messages.ts';
import { ApiError, type VerbOptions } from '../../contract/supplant-client.ts';
import { toApiError } from './errors.ts';
import { askWorker } from './grpc.ts';
import { readPendingActivities } from './pending-activities.ts';
import { buildRecordedRollout } from './recorded.ts';
import { addRecordedGates } from './recorded-gates.ts';
import type { Requests } from './requests.ts';
import type { Services } from './services.ts';
import type { ServedPools } from './served-pools.ts';
import { SharedLooks } from '../shared-looks.ts';
import { diagnoseWorkflow } from './workflow-health.ts';

/** Between two looks at a rollout that has not begun yet, or after a lost connection, in milliseconds. */
const LOOK_AGAIN_MS = 200;

/** How long a worker may take to say how a rollout is; then the record has to do. In milliseconds. */
const STATUS_MS = 2_500;

interface RolloutsParts {
  services: Services;
  requests: Requests;
  pools: ServedPools;
}

/** What callers ask, and what only a gateway itself does. */
type ActOptions = VerbOptions & Pick<VerbRequest, 'demanded'>;

/** Rollouts, running or closed. */
export class Rollouts {
  readonly #temporal: Client;
  readonly #store: () => Promise<Store>;
  readonly #services: Services;
  readonly #requests: Requests;
  readonly #pools: ServedPools;
  readonly #looks = new SharedLooks<RolloutStatus>();

  constructor(temporal: Client, store: () => Promise<Store>, { services, requests, pools }: RolloutsParts) {
    this.#temporal = temporal;
    this.#store = store;
    this.#services = services;
    this.#requests = requests;
    this.#pools = pools;
  }

  /**
   * From the workflow while it runs; from its memo once it is closed, which needs no worker. Where its workflow does not
   * answer, what is recorded, and a wait that says so.
   */
  status(service: ServiceKey, number: number): Promise<RolloutStatus> {
    const id = workflowIds.rollout(service, number);
    return this.#looks.look(id, async () => {
      try {
        const until = Date.now() + STATUS_MS;
        const ask = () => askWorker(() => this.#status(service, number), until);
        return await this.#temporal.connection.withDeadline(until, ask);
      } catch (error) {
        if (toApiError(error).reason === 'NOT_FOUND') throw error;
        return this.#unanswered(service, number, error);
      }
    });
  }

  /** One that has ended by what is recorded, without asking anybody. */
  async recorded(service: ServiceKey, number: number): Promise<RolloutStatus> {
    const record = await this.#record(service, number);
    if (!record) throw new ApiError('NOT_FOUND', `${formatServiceId(service)} has no rollout ${number}`);
    if (record.endedAt !== undefined) return buildRecordedRollout(record);
    const { audit } = await this.#store();
    return buildRecordedRollout(
      record,
      await audit.list({ rollout: formatRolloutName({ service, number }), limit: 1_000 }),
    );
  }

  async #status(service: ServiceKey, number: number): Promise<RolloutStatus> {
    try {
      const handle = this.#temporal.workflow.getHandle(workflowIds.rollout(service, number));
      const described = await handle.describe();
      const last = described.memo?.status as RolloutStatus | undefined;
      if (last) return last;
      if (described.status.name === 'RUNNING') {
        const status = await handle.query(rolloutStatusQuery);
        const look = () => this.#pools.look();
        const activities = await readPendingActivities(described.raw.pendingActivities, new Date(), look);
        return activities.length === 0 ? status : { ...status, activities };
      }
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    const status = await this.recorded(service, number);
    const { audit } = await this.#store();
    return addRecordedGates(
      status,
      await audit.list({ rollout: formatRolloutName({ service, number }), limit: 1_000 }),
    );
  }

  async #unanswered(service: ServiceKey, number: number, error: unknown): Promise<RolloutStatus> {
    const status = await this.recorded(service, number);
    if (status.outcome !== undefined) return (await this.#closing(service, number)) ?? status;
    const trouble = await diagnoseWorkflow(this.#temporal, workflowIds.rollout(service, number));
    const now = new Date().toISOString();
    const nobody = (await this.#pools.isDeserted()) ? '; no worker was seen of late' : '';
    const unanswered: Wait = {
      on: `its workflow, which does not answer: ${toApiError(error).message}${nobody}`,
      since: now,
      endedBy: 'a worker that takes its work; `supplant dev` runs one, its log is logs/worker.log in the data folder',
      then: 'it goes on where it was',
    };
    const wait = trouble ?? unanswered;
    return { ...status, wait: { ...wait, on: `${wait.on}; what is shown is as recorded at ${now}` } };
  }

  /** It has ended by the record, which knows less than its workflow says as soon as a worker has time for that. */
  async #closing(service: ServiceKey, number: number): Promise<RolloutStatus | undefined> {
    const handle = this.#temporal.workflow.getHandle(workflowIds.rollout(service, number));
    const until = Date.now() + STATUS_MS;
    try {
      while (Date.now() < until) {
        const { memo } = await this.#temporal.connection.withDeadline(until, () => handle.describe());
        if (memo?.status) return memo.status as RolloutStatus;
        await sleep(LOOK_AGAIN_MS);
      }
    } catch {
      // What is recorded is so in any case.
    }
    return undefined;
  }

  async wait(service: ServiceKey, number: number, signal?: AbortSignal): Promise<RolloutStatus> {
    for (;;) {
      signal?.throwIfAborted();
      try {
        return await this.#result(service, number, signal);
      } catch (error) {
        // Not begun yet, or the connection is gone for now: both pass. One that left the queue never begins.
        if (!(error instanceof WorkflowNotFoundError)) {
          if (toApiError(error).reason !== 'UNAVAILABLE') throw error;
        } else {
          const record = await this.#record(service, number);
          if (record?.endedAt !== undefined) return buildRecordedRollout(record);
        }
      }
      await sleep(LOOK_AGAIN_MS, undefined, signal ? { signal } : {});
    }
  }

  async act(
    service: ServiceKey,
    verb: RolloutVerb,
    { rollout, requestId = randomUUID(), full, breakGlass, demanded, standing, ...by }: ActOptions,
  ): Promise<string> {
    const number = rollout ?? (await this.#latest(service));
    if (number === undefined) throw over(verb, `${formatServiceId(service)} has no rollout running`);
    try {
      const asked: VerbRequest = {
        ...{ kind: 'verb', verb, rollout: number },
        ...(full ? { full } : {}),
        ...(breakGlass ? { breakGlass } : {}),
        ...(demanded ? { demanded } : {}),
        ...(standing ? { standing } : {}),
      };
      return await this.#requests.sendToRollout(service, asked, { ...by, requestId });
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'NOT_FOUND') throw error;
      if (rollout === undefined) throw over(verb, `${formatServiceId(service)} has no rollout running`);
      const { outcome } = await this.status(service, number);
      throw over(
        verb,
        `rollout ${number} of ${formatServiceId(service)} ${outcome === undefined ? 'is not running' : `has ${outcome}`}`,
      );
    }
  }

  /** The one that runs. The first that waits may have begun, which is not recorded at once. */
  async #latest(service: ServiceKey): Promise<number | undefined> {
    const { running, queue } = await this.#services.status(service);
    return running ?? queue[0]?.number;
  }

  async #result(service: ServiceKey, number: number, signal?: AbortSignal): Promise<RolloutStatus> {
    const handle = this.#temporal.workflow.getHandle(workflowIds.rollout(service, number));
    try {
      const ask = async () => (await handle.result()) as RolloutResult | RefusedStart;
      const { connection } = this.#temporal;
      const result = signal ? await connection.withAbortSignal(signal, ask) : await ask();
      // One that was refused as nobody's has no status of its own.
      return 'refused' in result ? await this.recorded(service, number) : result.status;
    } catch (error) {
      if (error instanceof WorkflowFailedError) return this.recorded(service, number);
      throw error;
    }
  }

  async #record(service: ServiceKey, number: number): Promise<RolloutRecord | undefined> {
    return (await this.#store()).catalogue.rollout(service, number);
  }
}

function over(verb: RolloutVerb, what: string): ApiError {
  const rule = answerVerb(verb, 'closed', { paused: false, aborting: false });
  return new ApiError('REFUSED', `cannot ${verb}: ${what}`, rule.legal ? {} : { suggestion: rule.reason });
}
