import { ApiError } from '../../contract/supplant-client.ts';
import { type ServiceKey, formatServiceId } from '../../domain/service/service.ts';
import type { ServiceStatus } from '../../domain/rollout/status.ts';
import type { Overview } from '../../store/catalogue/catalogue.ts';
import type { Store } from '../../store/store.ts';
import { buildRecordedService } from './recorded.ts';

/** What is to be known of services: all of it is recorded, so that no service's trouble is another's, and none waits. */
export class Services {
  readonly #store: () => Promise<Store>;

  constructor(store: () => Promise<Store>) {
    this.#store = store;
  }

  async all(): Promise<ServiceStatus[]> {
    return (await (await this.#store()).catalogue.overview()).map(buildRecordedService);
  }

  /** @throws ApiError NOT_FOUND naming the services there are */
  async status(service: ServiceKey): Promise<ServiceStatus> {
    const [found] = await (await this.#store()).catalogue.overview(service);
    if (!found || (found.removedAt !== undefined && isOver(found))) throw await this.unknown(service);
    return buildRecordedService(found);
  }

  async latestRollout(service: ServiceKey): Promise<number | undefined> {
    const [found] = await (await this.#store()).catalogue.overview(service);
    if (!found) throw await this.unknown(service);
    return found.running?.number ?? found.last?.number;
  }

  async unknown(service: ServiceKey): Promise<ApiError> {
    const { catalogue } = await this.#store();
    const services = (await catalogue.services()).map(({ spec }) => spec.service);
    const removed = (await catalogue.service(service))?.removedAt;
    const what =
      removed === undefined
        ? `there is no service ${formatServiceId(service)}`
        : `service ${formatServiceId(service)} was removed at ${removed}`;
    return new ApiError('NOT_FOUND', what, { services });
  }
}

/** Nothing is left of it, and nothing waits to bring it back. */
function isOver({ queue, quarantine }: Overview): boolean {
  return queue.length === 0 && quarantine.length === 0;
}
