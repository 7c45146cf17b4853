import { randomUUID } from 'node:crypto';
import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import { ApiError } from '../client/api.ts';
import { BEGIN_MS, type Change, workflowIds } from '../domain/requests.ts';
import type { ServiceKey } from '../domain/service.ts';
import { serviceStart } from '../temporal/service-start.ts';
import { TASK_QUEUE } from '../temporal/target.ts';
import type { service as serviceWorkflow } from '../workflows/service.ts';
import { guarded, isCutOff } from './errors.ts';
import { TemporalClock } from './temporal-clock.ts';

/** What a request's update takes. */
export type Args = { change: Change } & Record<string, unknown>;

/** How long a worker may take to answer, in milliseconds. */
const ANSWER_MS = 10_000;

/** For a last look at a request that nobody answered. */
const LOOK_MS = 1_000;

export interface RequestsOptions {
  taskQueue?: string;
  /** A clock, in milliseconds since the epoch. */
  now?: () => number;
}

/** Sends requests to services, so that each is either known to have been accepted or has started nothing. */
export class Requests {
  readonly #temporal: Client;
  readonly #taskQueue: string;
  readonly #clock: TemporalClock;

  /** Taken for those of this installation, and this machine's, unless told. */
  constructor(temporal: Client, { taskQueue = TASK_QUEUE, now = Date.now }: RequestsOptions = {}) {
    this.#temporal = temporal;
    this.#taskQueue = taskQueue;
    this.#clock = new TemporalClock(now);
  }

  /** Starts the service's workflow where it does not run. The same request id again is a repeat. */
  async send<T>(service: ServiceKey, name: string, args: Args): Promise<T> {
    if (args.change.dryRun) throw new ApiError('INTERNAL', 'a dry run is answered by the gateway and goes no further');
    try {
      return await this.#once(service, name, args);
    } catch (error) {
      // It was refused before anything was started, for a clock of ours that is wrong. Or somebody terminated the workflow:
      // its successor knows what is on record.
      if (!this.#clock.learn(error) && !isCutOff(error)) throw error;
      return this.#once(service, name, args);
    }
  }

  async #once<T>(service: ServiceKey, name: string, { change, ...content }: Args): Promise<T> {
    // The service knows repeated request ids itself. Temporal would answer a repeated update id without looking at the
    // content, and with an old refusal where the service would think again.
    const updateId = `${change.requestId}-${randomUUID()}`;
    const expiresAt = new Date(this.#clock.now() + BEGIN_MS).toISOString();
    const { connection, workflow } = this.#temporal;
    const ask = () =>
      workflow.executeUpdateWithStart<typeof serviceWorkflow, T, [never]>(name, {
        startWorkflowOperation: new WithStartWorkflowOperation<typeof serviceWorkflow>('service', {
          ...serviceStart(service, this.#taskQueue),
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
        args: [{ ...content, change: { ...change, expiresAt } } as never],
        updateId,
      });
    try {
      return await guarded(() => connection.withDeadline(Date.now() + ANSWER_MS, ask));
    } catch (error) {
      return this.#whatBecameOf<T>(service, updateId, error);
    }
  }

  /** No answer in time. What was not begun by now never will be, since it has expired; what was is found by its id. */
  async #whatBecameOf<T>(service: ServiceKey, updateId: string, error: unknown): Promise<T> {
    if (!(error instanceof ApiError) || error.reason !== 'UNAVAILABLE' || isCutOff(error)) throw error;
    const { connection, workflow } = this.#temporal;
    const look = () => workflow.getHandle(workflowIds.service(service)).getUpdateHandle<T>(updateId).result();
    return connection.withDeadline(Date.now() + LOOK_MS, look).catch(() => Promise.reject(error));
  }
}
