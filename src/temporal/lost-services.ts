import type { Client } from '@temporalio/client';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import { workflowIds } from '../domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../domain/service/service.ts';
import { startService } from './service-start.ts';
import { catchUpSignal, serviceStatusQuery } from '../workflows/shared/messages.ts';
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
 * Those that run are told where they know nothing of a rollout that was promised: its workflow task was lost, and its
 * caller did not ask again.
 */
export class LostServices implements Disposable {
  readonly #options: LostServicesOptions;
  readonly #looks: RepeatedLook;
  /** The last rollout of each service that it was found to know of, where any waits. */
  readonly #known = new Map<string, number>();

  private constructor(options: LostServicesOptions, everyMs: number) {
    this.#options = options;
    // Where Temporal or the store is down it is looked at again.
    const trouble = new LogOnce((error) => options.log('cannot look for services without a workflow', { error }));
    this.#looks = new RepeatedLook(() => trouble.attempt(() => this.#look()), { everyMs, firstMs: everyMs });
  }

  static watch(options: LostServicesOptions, everyMs = LOOK_MS): LostServices {
    return new LostServices(options, everyMs);
  }

  async #look(): Promise<void> {
    // First: a service that was removed meanwhile is not recorded any more.
    const running = await this.#running();
    const [services, waiting] = await this.#onRecord();
    for (const key of listOnce([...services, ...waiting])) {
      if (!running.has(workflowIds.service(key))) await this.#start(key);
    }
    await this.#tellOfForgotten(waiting.filter((key) => running.has(workflowIds.service(key))));
  }

  /** As Temporal's list has it, which may be late. */
  async #running(): Promise<Set<string>> {
    const query = `WorkflowType = 'service' AND ExecutionStatus = 'Running'`;
    const found = new Set<string>();
    for await (const { workflowId } of this.#options.client.workflow.list({ query })) found.add(workflowId);
    return found;
  }

  async #onRecord(): Promise<[services: ServiceKey[], waiting: ServiceKey[]]> {
    const { catalogue } = this.#options;
    const [services, waiting] = await Promise.all([catalogue.services(), catalogue.requests.waiting()]);
    return [services.map(({ spec }) => spec.service), waiting];
  }

  async #start(key: ServiceKey): Promise<void> {
    const { client, taskQueue, log } = this.#options;
    if (!(await startService(client, key, taskQueue))) return;
    log('a service had no workflow; it goes on from what is recorded', { service: formatServiceId(key) });
  }

  /** Asks each service of rollouts that wait by the record, once for each of them, and tells those that know nothing of one. */
  async #tellOfForgotten(waiting: readonly ServiceKey[]): Promise<void> {
    const ids = new Set(waiting.map(formatServiceId));
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
    for (const key of waiting) {
      const last = (await this.#options.catalogue.requests.queue(key)).at(-1)?.number ?? 0;
      if (last > (this.#known.get(formatServiceId(key)) ?? 0)) await this.#tellIfForgotten(key, last);
    }
  }

  async #tellIfForgotten(key: ServiceKey, last: number): Promise<void> {
    const { client, log } = this.#options;
    const handle = client.workflow.getHandle(workflowIds.service(key));
    const status = await handle.query(serviceStatusQuery).catch(() => undefined);
    // Nobody answers for it now, which others tell of.
    if (status === undefined) return;
    const { queue = [], running = 0, last: ended = 0 } = status ?? {};
    if (Math.max(running, ended, ...queue.map(({ number }) => number)) >= last) {
      this.#known.set(formatServiceId(key), last);
      return;
    }
    await handle.signal(catchUpSignal);
    log('a service did not know of a rollout that is on record; it takes it up', {
      service: formatServiceId(key),
      rollout: last,
    });
  }

  [Symbol.dispose](): void {
    this.#looks[Symbol.dispose]();
  }
}

function listOnce(keys: readonly ServiceKey[]): ServiceKey[] {
  return [...new Map(keys.map((key) => [formatServiceId(key), key])).values()];
}
