import type { Client } from '@temporalio/client';
import type { AuditEvent, AuditQuery, ChainVerdict } from '../audit/store.ts';
import { type Change, type Note, type Ticket, workflowIds } from '../domain/requests.ts';
import { type ServiceKey, type ServiceSpec, serviceId } from '../domain/service.ts';
import { serviceView } from '../domain/service-view.ts';
import type { RolloutStatus, ServiceView } from '../domain/status.ts';
import type { RolloutVerb } from '../domain/verbs.ts';
import type { Store } from '../store/store.ts';
import { noteUpdate, requestUpdates } from '../workflows/messages.ts';
import type { Router } from '../traffic/router.ts';
import { ApiError, type HistoryView, type SupplantClient } from '../client/api.ts';
import { guarded } from './errors.ts';
import { LazyStore } from './lazy-store.ts';
import { type Args, Requests } from './requests.ts';
import { Rollouts } from './rollouts.ts';
import { Services } from './services.ts';

export interface LocalBackendParts {
  temporal: Client;
  router: Router;
  /** Opened at first use: most commands need no store. */
  openStore: () => Promise<Store>;
  namespace: string;
  /** The Temporal UI's address, for links. */
  ui?: string;
}

/** How long a worker may take to answer, in milliseconds. */
const ANSWER_MS = 10_000;

/** How long whoever asks for readiness waits, in milliseconds. */
const READY_MS = 2_000;

type RequestName = keyof typeof requestUpdates;

/** What stands behind the gateway: Temporal, the router, and the record. Keeps no state of its own. */
export class LocalBackend implements SupplantClient {
  readonly #parts: LocalBackendParts;
  readonly #rollouts: Rollouts;
  readonly #services: Services;
  readonly #requests: Requests;
  readonly #store: LazyStore;

  constructor(parts: LocalBackendParts) {
    this.#parts = parts;
    this.#store = new LazyStore(parts.openStore);
    const store = (): Promise<Store> => this.#store.open();
    this.#services = new Services(parts.temporal, store);
    this.#rollouts = new Rollouts(parts.temporal, store, this.#services);
    this.#requests = new Requests(parts.temporal);
  }

  apply(spec: ServiceSpec, change: Change): Promise<Ticket> {
    return this.#request('apply', spec.service, { spec, change });
  }

  deploy(service: ServiceKey, artifact: string, change: Change): Promise<Ticket> {
    return this.#request('deploy', service, { artifact, change });
  }

  rollback(service: ServiceKey, revision: number | undefined, change: Change): Promise<Ticket> {
    return this.#request('rollback', service, { ...(revision === undefined ? {} : { to: revision }), change });
  }

  remove(service: ServiceKey, change: Change): Promise<Ticket> {
    return this.#request('remove', service, { change });
  }

  act(
    service: ServiceKey,
    verb: RolloutVerb,
    options: { rollout?: number; actor: string; reason?: string },
  ): Promise<string> {
    return this.#answered(() => this.#rollouts.act(service, verb, options));
  }

  pin(service: ServiceKey, revision: number, change: Change): Promise<void> {
    return this.#note(service, { kind: 'pin', revision }, change);
  }

  unpin(service: ServiceKey, revision: number, change: Change): Promise<void> {
    return this.#note(service, { kind: 'unpin', revision }, change);
  }

  markBad(service: ServiceKey, revision: number, change: Change): Promise<void> {
    return this.#note(service, { kind: 'mark-bad', revision }, change);
  }

  removeQueued(service: ServiceKey, rollout: number, change: Change): Promise<void> {
    return this.#note(service, { kind: 'drop', rollout }, change);
  }

  services(): Promise<ServiceView[]> {
    return guarded(async () => {
      const records = await (await this.#store.open()).catalogue.services();
      return Promise.all(records.map(({ spec }) => this.view(spec.service)));
    });
  }

  view(service: ServiceKey): Promise<ServiceView> {
    return this.#answered(async () => {
      const status = await this.#services.status(service);
      const number = status.running ?? status.last;
      const [rollout, route] = await Promise.all([
        number === undefined ? undefined : this.#rollouts.status(service, number),
        this.#parts.router.observe(service).catch(() => undefined),
      ]);
      return { ...serviceView(status, rollout, route), ...this.#link(service, number) };
    });
  }

  rollout(service: ServiceKey, number?: number): Promise<RolloutStatus> {
    return this.#answered(async () => {
      const wanted = number ?? (await this.#services.latestRollout(service));
      if (wanted === undefined) throw new ApiError('NOT_FOUND', `${serviceId(service)} has had no rollout yet`);
      return this.#rollouts.status(service, wanted);
    });
  }

  waitForRollout(service: ServiceKey, number: number, signal?: AbortSignal): Promise<RolloutStatus> {
    return guarded(() => this.#rollouts.wait(service, number, signal));
  }

  history(service: ServiceKey, limit = 50): Promise<HistoryView> {
    return guarded(async () => {
      const { catalogue } = await this.#store.open();
      const record = await catalogue.service(service);
      if (!record) throw await this.#services.unknown(service);
      const [rollouts, revisions] = await Promise.all([
        catalogue.rollouts(service, limit),
        catalogue.revisions(service, limit),
      ]);
      return { rollouts, revisions };
    });
  }

  auditEvents(query?: AuditQuery): Promise<AuditEvent[]> {
    return guarded(async () => (await this.#store.open()).audit.list(query));
  }

  verifyAudit(): Promise<ChainVerdict> {
    return guarded(async () => (await this.#store.open()).audit.verify());
  }

  /** Temporal answers, and the record can be read. */
  ready(): Promise<void> {
    return guarded(async () => {
      const { temporal, namespace } = this.#parts;
      const ask = () => temporal.workflowService.describeNamespace({ namespace });
      await temporal.connection.withDeadline(Date.now() + READY_MS, ask);
      await (await this.#store.open()).audit.list({ limit: 1 });
    });
  }

  async close(): Promise<void> {
    await this.#store.close();
    await this.#parts.router.close();
    await this.#parts.temporal.connection.close();
  }

  #request(name: RequestName, service: ServiceKey, args: Args): Promise<Ticket> {
    return guarded(() => this.#requests.send<Ticket>(service, requestUpdates[name].name, args));
  }

  async #note(service: ServiceKey, note: Note, change: Change): Promise<void> {
    await guarded(() => this.#requests.send(service, noteUpdate.name, { note, change }));
  }

  #answered<T>(ask: () => Promise<T>): Promise<T> {
    return guarded(() => this.#parts.temporal.connection.withDeadline(Date.now() + ANSWER_MS, ask));
  }

  #link(service: ServiceKey, number: number | undefined): { link?: string } {
    const { ui, namespace } = this.#parts;
    if (ui === undefined || number === undefined) return {};
    const id = encodeURIComponent(workflowIds.rollout(service, number));
    return { link: `${ui}/namespaces/${namespace}/workflows/${id}` };
  }
}
