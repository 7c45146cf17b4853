import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import { workflowIds } from '../domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../domain/service/service.ts';
import { buildServiceStart } from './service-start.ts';
import { LogOnce } from './log-once.ts';
import { RepeatedLook } from './repeated-look.ts';

/** Between two looks for services that nobody looks after, in milliseconds. */
const LOOK_MS = 15_000;

export interface LostServicesOptions {
  client: Client;
  taskQueue: string;
  catalogue: Pick<Catalogue, 'services' | 'requests'>;
  log: (message: string, details: Record<string, unknown>) => void;
}

/**
 * Starts the workflows of services that are recorded and have none: somebody terminated it, or Temporal's own record is
 * from a backup. It goes on from what is recorded: with the rollouts that wait, and with revisions that are due to go.
 */
export class LostServices implements Disposable {
  readonly #options: LostServicesOptions;
  readonly #trouble: LogOnce;
  readonly #looks: RepeatedLook;

  private constructor(options: LostServicesOptions, everyMs: number) {
    this.#options = options;
    this.#trouble = new LogOnce((error) => options.log('cannot look for services without a workflow', { error }));
    this.#looks = new RepeatedLook(() => this.#look(), { everyMs, firstMs: everyMs });
  }

  static watch(options: LostServicesOptions, everyMs = LOOK_MS): LostServices {
    return new LostServices(options, everyMs);
  }

  async #look(): Promise<void> {
    try {
      // First: a service that was removed meanwhile is not recorded any more.
      const running = await this.#running();
      for (const key of await this.#onRecord()) {
        if (!running.has(workflowIds.service(key))) await this.#start(key);
      }
      this.#trouble.over();
    } catch (error) {
      // Temporal or the store is down: looked at again.
      this.#trouble.met(error);
    }
  }

  /** As Temporal's list has it, which may be late. */
  async #running(): Promise<Set<string>> {
    const query = `WorkflowType = 'service' AND ExecutionStatus = 'Running'`;
    const found = new Set<string>();
    for await (const { workflowId } of this.#options.client.workflow.list({ query })) found.add(workflowId);
    return found;
  }

  async #onRecord(): Promise<ServiceKey[]> {
    const { catalogue } = this.#options;
    const [services, waiting] = await Promise.all([catalogue.services(), catalogue.requests.waiting()]);
    const keys = [...services.map(({ spec }) => spec.service), ...waiting];
    return [...new Map(keys.map((key) => [formatServiceId(key), key])).values()];
  }

  async #start(key: ServiceKey): Promise<void> {
    const { client, taskQueue, log } = this.#options;
    try {
      await client.workflow.start('service', buildServiceStart(key, taskQueue));
      log('a service had no workflow; it goes on from what is recorded', { service: formatServiceId(key) });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#looks[Symbol.dispose]();
  }
}
