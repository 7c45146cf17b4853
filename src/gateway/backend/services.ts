import { ApiError, type HistoryView } from '../../contract/supplant-client.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { type ServiceKey, formatServiceId } from '../../domain/service/service.ts';
import type { ServiceStatus } from '../../domain/rollout/status.ts';
import type { Overview } from '../../store/catalogue/catalogue.ts';
import type { Store } from '../../store/store.ts';
import type { LoggedRevision } from './logs/local-logs.ts';
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
    if (!found || (found.removedAt !== undefined && isOver(found))) throw await this.#unknown(service);
    return buildRecordedService(found);
  }

  async latestRollout(service: ServiceKey): Promise<number | undefined> {
    const [found] = await (await this.#store()).catalogue.overview(service);
    if (!found) throw await this.#unknown(service);
    return found.running?.number ?? found.last?.number;
  }

  /** @throws ApiError NOT_FOUND where nothing is recorded of it */
  async require(service: ServiceKey): Promise<void> {
    if (!(await (await this.#store()).catalogue.service(service))) throw await this.#unknown(service);
  }

  async history(service: ServiceKey, limit: number): Promise<HistoryView> {
    await this.require(service);
    const { catalogue } = await this.#store();
    const [rollouts, revisions, [overview]] = await Promise.all([
      catalogue.rollouts(service, limit),
      catalogue.revisions(service, limit),
      catalogue.overview(service),
    ]);
    const stuck = new Set(overview?.quarantine.map(({ revision }) => revision));
    return {
      rollouts,
      revisions: revisions.map((each) => (stuck.has(each.number) ? { ...each, quarantined: true } : each)),
    };
  }

  /**
   * Of which revision logs are asked for.
   *
   * @param wanted the one that is live, else the newest, unless told
   * @throws ApiError NOT_FOUND where there is none
   */
  async logged(service: ServiceKey, wanted: number | undefined): Promise<LoggedRevision> {
    await this.require(service);
    const revisions = await (await this.#store()).catalogue.revisions(service);
    // Whoever names none wants the service's own, and no copy that it is compared with.
    const newest = revisions.find(({ copyOf }) => copyOf === undefined);
    const found =
      wanted === undefined
        ? (revisions.find(({ state }) => state === 'live') ?? newest)
        : revisions.find(({ number }) => number === wanted);
    if (!found) {
      const what = wanted === undefined ? 'had no revision yet' : `no revision ${formatRevisionName(wanted)}`;
      throw new ApiError('NOT_FOUND', `${formatServiceId(service)} has ${what}`);
    }
    const { number, blueprint } = found;
    const gone = found.state === 'retired' || found.state === 'failed';
    return { number, blueprint: blueprint.name, gone };
  }

  async #unknown(service: ServiceKey): Promise<ApiError> {
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
