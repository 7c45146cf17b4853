import type { Client } from '@temporalio/client';
import type { DriftRecord } from '../../domain/drift/record.ts';
import type { Wait } from '../../domain/rollout/rollout.ts';
import type { RolloutStatus, ServiceStatus, ServiceView } from '../../domain/rollout/status.ts';
import { workflowIds } from '../../domain/service/requests.ts';
import { type ServiceKey, type ServiceSpec, formatServiceId } from '../../domain/service/service.ts';
import { buildServiceView } from '../../domain/service/view.ts';
import type { RouteObservation } from '../../domain/traffic/route.ts';
import type { RouteViews } from '../../routing/router.ts';
import type { DriftLog } from '../../store/drift/log.ts';
import { mapInOrder } from './map-in-order.ts';
import type { Rollbacks } from './rollbacks.ts';
import type { Rollouts } from './rollouts.ts';
import type { Services } from './services.ts';
import { diagnoseWorkflow } from './workflow-health.ts';

/** So many services are looked after at a time for a list: the router and Temporal have others to serve. */
const VIEWS_AT_ONCE = 16;

/** Whom to ask. */
interface Places {
  temporal: Client;
  routers: RouteViews;
  namespace: string;
  /** The Temporal UI's address, for links. */
  ui?: string;
}

/** What is known of services. */
interface Sources {
  drift: () => Promise<Pick<DriftLog, 'list'>>;
  services: Services;
  rollouts: Rollouts;
  rollbacks: Rollbacks;
}

/** Services as they are shown: what is recorded of them, with what their workflows, the router and Temporal say now. */
export class ServiceViews {
  readonly #places: Places;
  readonly #sources: Sources;

  constructor(places: Places, sources: Sources) {
    this.#places = places;
    this.#sources = sources;
  }

  async list(): Promise<ServiceView[]> {
    const { services, drift } = this.#sources;
    const all = await services.all();
    const found = await (await drift()).list();
    return mapInOrder(all, VIEWS_AT_ONCE, (status) => this.#listed(status, found));
  }

  /** @throws ApiError NOT_FOUND naming the services there are */
  async view(service: ServiceKey): Promise<ServiceView> {
    const { services, rollouts, rollbacks, drift: log } = this.#sources;
    const status = await services.status(service);
    const number = status.running ?? status.last;
    const [rollout, route, trouble, drift, rollback] = await Promise.all([
      number === undefined ? undefined : rollouts.status(service, number),
      this.#route(status.spec),
      diagnoseWorkflow(this.#places.temporal, workflowIds.service(service)),
      log().then((found) => found.list(service)),
      rollbacks.safety(status),
    ]);
    const more = { ...this.#link(service, number), ...(rollback ? { rollback } : {}) };
    return { ...viewOf(status, { rollout, route, trouble, drift }), ...more };
  }

  /** Idle ones by the record alone. Of those at work their workflows are asked, each for itself. */
  async #listed(status: ServiceStatus, drift: readonly DriftRecord[]): Promise<ServiceView> {
    const { rollouts } = this.#sources;
    const { running, last, queue, spec } = status;
    const { service } = spec;
    const [rollout, route, trouble] = await Promise.all([
      running !== undefined
        ? rollouts.status(service, running)
        : last !== undefined
          ? rollouts.recorded(service, last)
          : undefined,
      this.#route(spec),
      running === undefined && queue.length === 0
        ? undefined
        : diagnoseWorkflow(this.#places.temporal, workflowIds.service(service)),
    ]);
    const own = drift.filter((record) => formatServiceId(record.service) === formatServiceId(service));
    return { ...viewOf(status, { rollout, route, trouble, drift: own }), ...this.#link(service, running ?? last) };
  }

  /** Undefined where the router does not say. */
  async #route({ service, router }: ServiceSpec): Promise<RouteObservation | undefined> {
    try {
      return await (await this.#places.routers.of(router)).observe(service);
    } catch {
      return undefined;
    }
  }

  #link(service: ServiceKey, number: number | undefined): { link?: string } {
    const { ui, namespace } = this.#places;
    if (ui === undefined || number === undefined) return {};
    const id = encodeURIComponent(workflowIds.rollout(service, number));
    return { link: `${ui}/namespaces/${namespace}/workflows/${id}` };
  }
}

interface Found {
  rollout: RolloutStatus | undefined;
  route: RouteObservation | undefined;
  trouble: Wait | undefined;
  drift: readonly DriftRecord[];
}

function viewOf(status: ServiceStatus, { trouble, ...found }: Found): ServiceView {
  return buildServiceView(trouble ? { ...status, trouble } : status, found);
}
