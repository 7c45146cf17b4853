import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { workflowIds } from '../domain/requests.ts';
import { endpointUrl } from '../domain/revision.ts';
import { type ServiceKey, serviceId } from '../domain/service.ts';
import { queuedRollout } from '../domain/service-status.ts';
import type { ServiceStatus } from '../domain/status.ts';
import type { Store } from '../store/store.ts';
import { serviceStatusQuery } from '../workflows/messages.ts';
import { ApiError } from '../client/api.ts';
import { SharedLooks } from './shared-looks.ts';

/** How long a worker may take to answer, in milliseconds. */
const ANSWER_MS = 10_000;

/** What is to be known of services: from their workflow, and from the catalogue where that does not run. */
export class Services {
  readonly #temporal: Client;
  readonly #store: () => Promise<Store>;
  readonly #looks = new SharedLooks<ServiceStatus | undefined>();

  constructor(temporal: Client, store: () => Promise<Store>) {
    this.#temporal = temporal;
    this.#store = store;
  }

  /** @throws ApiError NOT_FOUND naming the services there are */
  async status(service: ServiceKey): Promise<ServiceStatus> {
    const status = (await this.#asked(service)) ?? (await this.#recorded(service));
    if (!status || status.removed) throw await this.unknown(service);
    return status;
  }

  async latestRollout(service: ServiceKey): Promise<number | undefined> {
    const status = await this.#asked(service);
    if (status) return status.running ?? status.last;
    const record = await (await this.#store()).catalogue.service(service);
    if (!record) throw await this.unknown(service);
    return record.lastRollout || undefined;
  }

  async unknown(service: ServiceKey): Promise<ApiError> {
    const { catalogue } = await this.#store();
    const known = (await catalogue.services()).map(({ spec }) => serviceId(spec.service));
    const removed = (await catalogue.service(service))?.removedAt;
    const what =
      removed === undefined
        ? `there is no service ${serviceId(service)}`
        : `service ${serviceId(service)} was removed at ${removed}`;
    return new ApiError('NOT_FOUND', what, {
      suggestion:
        known.length === 0
          ? 'there is none yet; describe one in a manifest and `supplant apply -f` it'
          : `there is ${known.join(', ')}`,
    });
  }

  #asked(service: ServiceKey): Promise<ServiceStatus | undefined> {
    const id = workflowIds.service(service);
    return this.#looks.look(id, () =>
      this.#temporal.connection.withDeadline(Date.now() + ANSWER_MS, () => this.#query(id)),
    );
  }

  async #query(id: string): Promise<ServiceStatus | undefined> {
    try {
      return (await this.#temporal.workflow.getHandle(id).query(serviceStatusQuery)) ?? undefined;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  /** A service whose workflow somebody ended goes on with its next request; until then this is what is known. */
  async #recorded(service: ServiceKey): Promise<ServiceStatus | undefined> {
    const { catalogue } = await this.#store();
    const record = await catalogue.service(service);
    if (!record || record.removedAt !== undefined) return undefined;
    const revisions = await catalogue.revisions(service);
    const live = revisions.find((revision) => revision.state === 'live');
    const queue = await catalogue.requests.queue(service);
    return {
      spec: record.spec,
      revisions: revisions
        .filter(({ state }) => state === 'live' || state === 'warm')
        .map(({ number, artifact, state, since, endpoints }) => ({
          number,
          artifact,
          state,
          since,
          endpoints: endpoints.map(endpointUrl),
        })),
      ...(live ? { live: live.number } : {}),
      ...(record.lastRollout > 0 ? { last: record.lastRollout } : {}),
      queue: queue.map(queuedRollout),
      quarantine: [],
      removed: false,
    };
  }
}
