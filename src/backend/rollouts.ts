import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import type { RolloutRecord } from '../catalogue/catalogue.ts';
import { type RolloutResult, workflowIds } from '../domain/requests.ts';
import { PHASES } from '../domain/rollout.ts';
import { type ServiceKey, serviceId } from '../domain/service.ts';
import type { RolloutStatus } from '../domain/status.ts';
import { type RolloutVerb, answer } from '../domain/verbs.ts';
import type { Store } from '../store/store.ts';
import { rolloutStatusQuery, rolloutUpdates } from '../workflows/messages.ts';
import { ApiError } from '../client/api.ts';
import { apiError } from './errors.ts';
import type { Services } from './services.ts';
import { SharedLooks } from './shared-looks.ts';

/** Between two looks at a rollout that has not begun yet, or after a lost connection, in milliseconds. */
const LOOK_AGAIN_MS = 200;

/** How long a worker may take to answer, in milliseconds. */
const ANSWER_MS = 10_000;

/** Rollouts, running or closed. */
export class Rollouts {
  readonly #temporal: Client;
  readonly #store: () => Promise<Store>;
  readonly #services: Services;
  readonly #looks = new SharedLooks<RolloutStatus>();

  constructor(temporal: Client, store: () => Promise<Store>, services: Services) {
    this.#temporal = temporal;
    this.#store = store;
    this.#services = services;
  }

  /** From the workflow while it runs; from its memo once it is closed, which needs no worker. */
  status(service: ServiceKey, number: number): Promise<RolloutStatus> {
    const look = () =>
      this.#temporal.connection.withDeadline(Date.now() + ANSWER_MS, () => this.#status(service, number));
    return this.#looks.look(workflowIds.rollout(service, number), look);
  }

  async #status(service: ServiceKey, number: number): Promise<RolloutStatus> {
    try {
      const handle = this.#temporal.workflow.getHandle(workflowIds.rollout(service, number));
      const described = await handle.describe();
      const last = described.memo?.status as RolloutStatus | undefined;
      if (last) return last;
      if (described.status.name === 'RUNNING') return await handle.query(rolloutStatusQuery);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    return this.#recorded(service, number);
  }

  async wait(service: ServiceKey, number: number, signal?: AbortSignal): Promise<RolloutStatus> {
    for (;;) {
      signal?.throwIfAborted();
      try {
        return await this.#result(service, number, signal);
      } catch (error) {
        // Not begun yet, or the connection is gone for now: both pass. One that left the queue never begins.
        if (!(error instanceof WorkflowNotFoundError)) {
          if (apiError(error).reason !== 'UNAVAILABLE') throw error;
        } else {
          const record = await this.#record(service, number);
          if (record?.endedAt !== undefined) return fromRecord(record);
        }
      }
      await sleep(LOOK_AGAIN_MS, undefined, signal ? { signal } : {});
    }
  }

  async act(
    service: ServiceKey,
    verb: RolloutVerb,
    { rollout, requestId, ...by }: { rollout?: number; actor: string; reason?: string; requestId?: string },
  ): Promise<string> {
    const number = rollout ?? (await this.#services.status(service)).running;
    if (number === undefined) throw over(verb, `${serviceId(service)} has no rollout running`);
    try {
      const handle = this.#temporal.workflow.getHandle(workflowIds.rollout(service, number));
      return await handle.executeUpdate<string, [typeof by]>(rolloutUpdates[verb].name, {
        args: [by],
        ...(requestId === undefined ? {} : { updateId: `${verb}-${requestId}` }),
      });
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      const { outcome } = await this.status(service, number);
      throw over(
        verb,
        `rollout ${number} of ${serviceId(service)} ${outcome === undefined ? 'is not running' : `has ${outcome}`}`,
      );
    }
  }

  async #result(service: ServiceKey, number: number, signal?: AbortSignal): Promise<RolloutStatus> {
    const handle = this.#temporal.workflow.getHandle(workflowIds.rollout(service, number));
    try {
      const ask = async (): Promise<RolloutResult> => (await handle.result()) as RolloutResult;
      const { connection } = this.#temporal;
      const { status } = signal ? await connection.withAbortSignal(signal, ask) : await ask();
      return status;
    } catch (error) {
      if (error instanceof WorkflowFailedError) return this.#recorded(service, number);
      throw error;
    }
  }

  /** What is left of a rollout that Temporal has forgotten, or that somebody terminated. */
  async #recorded(service: ServiceKey, number: number): Promise<RolloutStatus> {
    const record = await this.#record(service, number);
    if (!record) throw new ApiError('NOT_FOUND', `${serviceId(service)} has no rollout ${number}`);
    return fromRecord(record);
  }

  async #record(service: ServiceKey, number: number): Promise<RolloutRecord | undefined> {
    const { catalogue } = await this.#store();
    return (await catalogue.rollouts(service, 1000)).find((each) => each.number === number);
  }
}

function fromRecord({
  service,
  number,
  kind,
  revision,
  actor,
  reason,
  startedAt,
  endedAt,
  outcome,
  because,
}: RolloutRecord): RolloutStatus {
  return {
    service,
    number,
    kind,
    ...(revision === undefined ? {} : { revision }),
    actor,
    ...(reason === undefined ? {} : { reason }),
    phase: 'teardown',
    phases: PHASES.map((phase) => ({ phase, state: 'skipped', note: 'not kept' })),
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(because === undefined ? {} : { because }),
    paused: false,
    verdicts: [],
    quarantined: [],
  };
}

function over(verb: RolloutVerb, what: string): ApiError {
  const rule = answer(verb, 'closed', { paused: false, aborting: false });
  return new ApiError('REFUSED', `cannot ${verb}: ${what}`, rule.legal ? {} : { suggestion: rule.reason });
}
