import { randomUUID } from 'node:crypto';
import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import type { AuditEvent, AuditQuery, ChainVerdict } from '../audit/store.ts';
import { type Change, type Note, type Ticket, workflowIds } from '../domain/requests.ts';
import { type ServiceKey, type ServiceSpec, serviceId } from '../domain/service.ts';
import { serviceView } from '../domain/service-view.ts';
import type { RolloutStatus, ServiceView } from '../domain/status.ts';
import type { RolloutVerb } from '../domain/verbs.ts';
import type { Store } from '../sqlite/store.ts';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.ts';
import { noteUpdate, requestUpdates } from '../workflows/messages.ts';
import type { service as serviceWorkflow } from '../workflows/service.ts';
import { TASK_QUEUE } from '../temporal/target.ts';
import type { Router } from '../traffic/router.ts';
import { ApiError, type HistoryView, type SupplantClient } from './api.ts';
import { apiError } from './errors.ts';
import { Rollouts } from './rollouts.ts';
import { Services } from './services.ts';

export interface LocalClientParts {
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

/** How late a worker may begin a request, so that its answer still comes in time. */
const BEGIN_MS = 8_000;

/** For a last look at a request that nobody answered. */
const LOOK_MS = 1_000;

type RequestName = keyof typeof requestUpdates;
type Args = { change: Change } & Record<string, unknown>;

/** Talks to Temporal, the router and the store itself; for one machine, until there is a gateway. */
export class LocalClient implements SupplantClient {
  readonly #parts: LocalClientParts;
  readonly #rollouts: Rollouts;
  readonly #services: Services;
  #store: Promise<Store> | undefined;

  constructor(parts: LocalClientParts) {
    this.#parts = parts;
    const store = (): Promise<Store> => (this.#store ??= parts.openStore());
    this.#services = new Services(parts.temporal, store);
    this.#rollouts = new Rollouts(parts.temporal, store, this.#services);
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
      const records = await (await this.#open()).catalogue.services();
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
      const { catalogue } = await this.#open();
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
    return guarded(async () => (await this.#open()).audit.list(query));
  }

  verifyAudit(): Promise<ChainVerdict> {
    return guarded(async () => (await this.#open()).audit.verify());
  }

  async close(): Promise<void> {
    const store = await this.#store?.catch(() => undefined);
    await store?.close();
    await this.#parts.router.close();
    await this.#parts.temporal.connection.close();
  }

  #open(): Promise<Store> {
    return (this.#store ??= this.#parts.openStore());
  }

  async #note(service: ServiceKey, note: Note, change: Change): Promise<void> {
    await this.#update(service, noteUpdate.name, { note, change });
  }

  #request(name: RequestName, service: ServiceKey, args: Args): Promise<Ticket> {
    return this.#update<Ticket>(service, requestUpdates[name].name, args);
  }

  /** Starts the service's workflow where it does not run; asking again is a repeat. */
  #update<T>(service: ServiceKey, name: string, args: Args): Promise<T> {
    const startWorkflowOperation = new WithStartWorkflowOperation<typeof serviceWorkflow>('service', {
      workflowId: workflowIds.service(service),
      taskQueue: TASK_QUEUE,
      args: [{ key: service }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `service ${serviceId(service)}`,
      typedSearchAttributes: [
        { key: SEARCH_ATTRIBUTES.service, value: service.name },
        { key: SEARCH_ATTRIBUTES.environment, value: service.environment },
      ],
    });
    const { change, ...content } = args;
    // The service knows repeated request ids itself. Temporal would answer a repeated update id without looking at the
    // content, and with an old refusal where the service would think again.
    const updateId = `${change.requestId}-${randomUUID()}`;
    const expiresAt = new Date(Date.now() + BEGIN_MS).toISOString();
    const ask = () =>
      this.#parts.temporal.workflow.executeUpdateWithStart<typeof serviceWorkflow, T, [never]>(name, {
        startWorkflowOperation,
        args: [{ ...content, change: { ...change, expiresAt } } as never],
        updateId,
      });
    return this.#answered(ask).catch((error: unknown) => this.#whatBecameOf<T>(service, updateId, error));
  }

  /**
   * No answer in time. What was not begun by now never will be, since it has expired; what was is found under its update
   * id. So a request is either known to have been accepted, or nothing was started.
   */
  async #whatBecameOf<T>(service: ServiceKey, updateId: string, error: unknown): Promise<T> {
    if (!(error instanceof ApiError) || error.reason !== 'UNAVAILABLE') throw error;
    const handle = this.#parts.temporal.workflow.getHandle(workflowIds.service(service));
    const look = () => handle.getUpdateHandle<T>(updateId).result();
    const { connection } = this.#parts.temporal;
    return connection.withDeadline(Date.now() + LOOK_MS, look).catch(() => Promise.reject(error));
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

async function guarded<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw apiError(error);
  }
}
