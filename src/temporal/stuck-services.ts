import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { workflowIds } from '../domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../domain/service/service.ts';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import { findTaskFailure } from './failed-task.ts';
import { LogOnce } from './log-once.ts';
import { RepeatedLook } from './repeated-look.ts';
import { startService } from './service-start.ts';

/** Between two looks, in milliseconds. */
const LOOK_MS = 15_000;

/** So many services are looked at each time, so that thousands of them cost Temporal no more than a few do. */
const SERVICES_AT_A_LOOK = 50;

/**
 * A task that was begun so often fails for good, some 20 s after its first failure. Sooner a worker of another version, which can go on with it, may only not have been given
 * it yet.
 */
const ATTEMPTS = 5;

export interface StuckServicesOptions {
  client: Client;
  taskQueue: string;
  catalogue: { services: Catalogue['services']; requests: Pick<Catalogue['requests'], 'waiting'> };
  log: (message: string, details: Record<string, unknown>) => void;
}

/**
 * Begins the workflows of those services afresh that no worker can go on with, since its code makes other steps than the
 * history has. What a service knows is on record, from which the new workflow goes on; its rollouts have workflows of their own, and are not concerned.
 */
export class StuckServices implements Disposable {
  readonly #options: StuckServicesOptions;
  readonly #trouble: LogOnce;
  readonly #looks: RepeatedLook;
  /** Of the services in their order, the first one that was not looked at yet. */
  #next = 0;

  private constructor(options: StuckServicesOptions, everyMs: number) {
    this.#options = options;
    this.#trouble = new LogOnce((error) => options.log('cannot look for services that stand still', { error }));
    this.#looks = new RepeatedLook(() => this.#look(), { everyMs, firstMs: everyMs });
  }

  static watch(options: StuckServicesOptions, everyMs = LOOK_MS): StuckServices {
    return new StuckServices(options, everyMs);
  }

  async #look(): Promise<void> {
    try {
      for (const key of await this.#due()) await this.#beginAfreshIfStuck(key);
      this.#trouble.over();
    } catch (error) {
      // Temporal or the store is down: looked at again.
      this.#trouble.met(error);
    }
  }

  /** Those that rollouts wait for each time, the others in turn. */
  async #due(): Promise<ServiceKey[]> {
    const { catalogue } = this.#options;
    const [services, waiting] = await Promise.all([catalogue.services(), catalogue.requests.waiting()]);
    if (this.#next >= services.length) this.#next = 0;
    const turn = services.slice(this.#next, this.#next + SERVICES_AT_A_LOOK).map(({ spec }) => spec.service);
    this.#next += turn.length;
    return [...new Map([...waiting, ...turn].map((key) => [formatServiceId(key), key])).values()];
  }

  async #beginAfreshIfStuck(key: ServiceKey): Promise<void> {
    const { client, taskQueue, log } = this.#options;
    const workflowId = workflowIds.service(key);
    const stuck = await orNone(this.#findStuckRun(workflowId));
    if (!stuck) return;
    const reason = `no worker can go on with its history: ${stuck.message}`;
    // Another worker may have found it, too, and has begun it afresh by now: its new run is not to be ended.
    await orNone(client.workflow.getHandle(workflowId, stuck.runId).terminate(reason));
    await startService(client, key, taskQueue);
    log('a service could not go on with its workflow; it goes on from what is recorded in a new one', {
      service: formatServiceId(key),
      error: stuck.message,
    });
  }

  async #findStuckRun(workflowId: string): Promise<{ runId: string; message: string } | undefined> {
    const { client } = this.#options;
    const { raw, status, runId } = await client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING' || (raw.pendingWorkflowTask?.attempt ?? 0) < ATTEMPTS) return undefined;
    const failure = await findTaskFailure(client, workflowId, runId);
    return failure?.isUnreplayable ? { runId, message: failure.message } : undefined;
  }

  [Symbol.dispose](): void {
    this.#looks[Symbol.dispose]();
  }
}

/** Undefined where there is no such workflow, or not any more. */
async function orNone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
