import type { Client } from '@temporalio/client';
import { type AuditEvent, type AuditQuery, type ChainVerdict, StoreMissingError } from '../../store/audit/store.ts';
import type { LogPart, LogQuery } from '../../domain/logs.ts';
import type { WebhookAnswer, WebhookMessage } from '../../domain/hooks/demand.ts';
import type { PortRange } from '../../domain/preview/ports.ts';
import type { RequestMeta, ServiceCommand, Request, Receipt } from '../../domain/service/requests.ts';
import { type ServiceKey, type ServiceSpec, formatServiceId } from '../../domain/service/service.ts';
import type { RollbackProof } from '../../domain/rollback/proof.ts';
import type { RolloutStatus, ServiceView } from '../../domain/rollout/status.ts';
import type { RolloutVerb } from '../../domain/rollout/verbs.ts';
import type { Store } from '../../store/store.ts';
import { AnotherStoreError } from '../../temporal/namespace-owner.ts';
import type { RouteViews } from '../../routing/router.ts';
import type { DriftClient } from '../../contract/drift-client.ts';
import type { ExperimentClient, ReaperClient } from '../../contract/experiment-client.ts';
import type { HostClient } from '../../contract/host-client.ts';
import type { PreviewClient } from '../../contract/preview-client.ts';
import { ApiError, type HistoryView, type SupplantClient, type VerbOptions } from '../../contract/supplant-client.ts';
import { ChangeStops } from './change-stops.ts';
import { Drift } from './drift/drift.ts';
import { withApiErrors } from './errors.ts';
import { Experiments } from './experiments/experiments.ts';
import type { LookAtRelease } from './experiments/releases.ts';
import { Hosts } from './hosts.ts';
import { LazyStore } from './lazy-store.ts';
import { readLocalLogs } from './logs/local-logs.ts';
import { NamespaceGuard } from './namespace-guard.ts';
import { Previews } from './previews/previews.ts';
import { Reaper } from './reaper.ts';
import { Requests } from './requests.ts';
import { Rollbacks } from './rollbacks.ts';
import { Rollouts } from './rollouts.ts';
import { ServedPools } from './served-pools.ts';
import { ServiceViews } from './service-views.ts';
import { Services } from './services.ts';
import { Webhooks } from './webhooks.ts';

export interface LocalBackendParts {
  temporal: Client;
  routers: RouteViews & { close(): Promise<void> };
  /** Opened at first use: most commands need no store. */
  openStore: () => Promise<Store>;
  namespace: string;
  /** The folder of the stacks on this machine, with their logs. */
  stacks: string;
  /** Takes what goes wrong here and is no caller's to know; nobody unless told. */
  warn?: (message: string) => void;
  /** The Temporal UI's address, for links. */
  ui?: string;
  /** How long a run of an experiment may last at most, in milliseconds; seven days unless told. */
  longestTtlMs?: number;
  /** From which a preview that asks for none gets its port; 18100 to 18999 unless told. */
  previewPorts?: PortRange;
}

/** How long a worker may take to answer, in milliseconds. */
const ANSWER_MS = 10_000;

/** How long a question about readiness waits, in milliseconds. */
const READY_MS = 2_000;

/** What stands behind the gateway: Temporal, the router, and the record. Keeps no state of its own. */
export class LocalBackend implements SupplantClient {
  readonly experiments: ExperimentClient;
  readonly drift: DriftClient;
  readonly previews: PreviewClient;
  readonly reaper: ReaperClient;
  readonly hosts: HostClient;
  readonly changeStops: ChangeStops;
  readonly #parts: LocalBackendParts;
  readonly #rollouts: Rollouts;
  readonly #services: Services;
  readonly #views: ServiceViews;
  readonly #rollbacks: Rollbacks;
  readonly #requests: Requests;
  readonly #pools: ServedPools;
  readonly #store: LazyStore;
  readonly #guard: NamespaceGuard;
  readonly #webhooks: Webhooks;

  constructor(parts: LocalBackendParts) {
    this.#parts = parts;
    this.#guard = new NamespaceGuard(parts.temporal);
    this.#store = new LazyStore(parts.openStore, (opened) => this.#guard.require(opened));
    const store = (): Promise<Store> => this.#store.open();
    this.reaper = new Reaper(parts.temporal, store);
    this.hosts = new Hosts(async () => {
      const { audit, hosts, ledger, catalogue } = await store();
      return { audit, hosts, catalogue, bindings: ledger.commissions };
    });
    this.changeStops = new ChangeStops(parts.temporal, store);
    this.#services = new Services(store);
    this.drift = new Drift({ temporal: parts.temporal, store, services: this.#services });
    this.#rollbacks = new Rollbacks(store);
    this.#requests = new Requests(parts.temporal, { commands: async () => (await store()).catalogue.commands });
    this.#pools = new ServedPools(store);
    const [services, requests, pools] = [this.#services, this.#requests, this.#pools];
    this.#rollouts = new Rollouts(parts.temporal, store, { services, requests, pools });
    const drift = async () => (await store()).drift;
    this.#views = new ServiceViews(parts, { drift, services, rollouts: this.#rollouts, rollbacks: this.#rollbacks });
    const catalogue = async () => (await store()).catalogue;
    this.#webhooks = new Webhooks({ catalogue, rollouts: this.#rollouts, ...(parts.warn ? { warn: parts.warn } : {}) });
    const look: LookAtRelease = (spec, change) => this.#lookAtRelease(spec, change);
    this.experiments = new Experiments({ ...parts, openStore: store, look });
    this.previews = new Previews({ ...parts, openStore: store });
  }

  apply(spec: ServiceSpec, change: RequestMeta): Promise<Receipt> {
    return this.#request(spec.service, { kind: 'apply', spec }, change);
  }

  deploy(service: ServiceKey, artifact: string, change: RequestMeta): Promise<Receipt> {
    return this.#request(service, { kind: 'deploy', artifact }, change);
  }

  rollback(service: ServiceKey, revision: number | undefined, change: RequestMeta): Promise<Receipt> {
    return this.#request(service, { kind: 'rollback', ...(revision === undefined ? {} : { to: revision }) }, change);
  }

  /** In the record it is a deployment, so its reason tells it apart. */
  restart(service: ServiceKey, change: RequestMeta): Promise<Receipt> {
    const reason = change.reason === undefined ? 'restart' : `restart: ${change.reason}`;
    return this.#request(service, { kind: 'restart' }, { ...change, reason });
  }

  remove(service: ServiceKey, change: RequestMeta): Promise<Receipt> {
    return this.#request(service, { kind: 'remove' }, change);
  }

  act(service: ServiceKey, verb: RolloutVerb, options: VerbOptions): Promise<string> {
    return withApiErrors(() => this.#rollouts.act(service, verb, options));
  }

  receiveWebhook(message: WebhookMessage): Promise<WebhookAnswer> {
    return this.#webhooks.receive(message);
  }

  pin(service: ServiceKey, revision: number, change: RequestMeta): Promise<void> {
    return this.#note(service, { kind: 'pin', revision }, change);
  }

  unpin(service: ServiceKey, revision: number, change: RequestMeta): Promise<void> {
    return this.#note(service, { kind: 'unpin', revision }, change);
  }

  markBad(service: ServiceKey, revision: number, change: RequestMeta): Promise<void> {
    return this.#note(service, { kind: 'mark-bad', revision }, change);
  }

  removeQueued(service: ServiceKey, rollout: number, change: RequestMeta): Promise<void> {
    return this.#note(service, { kind: 'drop', rollout }, change);
  }

  services(): Promise<ServiceView[]> {
    return withApiErrors(() => this.#views.list());
  }

  view(service: ServiceKey): Promise<ServiceView> {
    return this.#answered(() => this.#views.view(service));
  }

  rollout(service: ServiceKey, number?: number): Promise<RolloutStatus> {
    return this.#answered(async () => {
      const wanted = number ?? (await this.#services.latestRollout(service));
      if (wanted === undefined) throw new ApiError('NOT_FOUND', `${formatServiceId(service)} has had no rollout yet`);
      return this.#rollouts.status(service, wanted);
    });
  }

  waitForRollout(service: ServiceKey, number: number, signal?: AbortSignal): Promise<RolloutStatus> {
    return withApiErrors(() => this.#rollouts.wait(service, number, signal));
  }

  history(service: ServiceKey, limit = 50): Promise<HistoryView> {
    return withApiErrors(() => this.#services.history(service, limit));
  }

  rollbackProofs(service: ServiceKey, limit = 50): Promise<RollbackProof[]> {
    return withApiErrors(async () => {
      await this.#services.require(service);
      return this.#rollbacks.proofs(service, limit);
    });
  }

  async *logs(service: ServiceKey, { revision, ...query }: LogQuery, signal: AbortSignal): AsyncGenerator<LogPart> {
    const logged = await withApiErrors(() => this.#services.logged(service, revision));
    yield* readLocalLogs(this.#parts.stacks, service, logged, query, signal);
  }

  auditEvents(query?: AuditQuery): Promise<AuditEvent[]> {
    return withApiErrors(async () => (await this.#store.open()).audit.list(query));
  }

  verifyAudit(): Promise<ChainVerdict> {
    return withApiErrors(async () => (await this.#store.open()).audit.verify());
  }

  /**
   * Refuses a store that is known not to be the one of the namespace's work. What does not answer yet refuses nothing.
   *
   * @throws AnotherStoreError that says what would be right
   */
  async requireOwnStore(): Promise<void> {
    try {
      await this.#store.open();
    } catch (error) {
      if (error instanceof AnotherStoreError) throw error;
      if (error instanceof StoreMissingError) await this.#guard.require(undefined);
    }
  }

  /** Temporal answers, and the record can be read. */
  ready(): Promise<void> {
    return withApiErrors(async () => {
      const { temporal, namespace } = this.#parts;
      const ask = () => temporal.workflowService.describeNamespace({ namespace });
      await temporal.connection.withDeadline(Date.now() + READY_MS, ask);
      await (await this.#store.open()).audit.list({ limit: 1 });
    });
  }

  async close(): Promise<void> {
    await this.#store.close();
    await this.#parts.routers.close();
    await this.#parts.temporal.connection.close();
  }

  #request(service: ServiceKey, asked: Request, change: RequestMeta): Promise<Receipt> {
    return withApiErrors(async () => {
      const receipt = await this.#pools.warn(await this.#requests.send<Receipt>(service, asked, change));
      const isHeld = asked.kind !== 'rollback' && asked.kind !== 'remove' && !change.breakGlass;
      return isHeld ? this.changeStops.warn(receipt) : receipt;
    });
  }

  /** What a dry run of its service is refused for. Nothing is done, and nothing is left of it. */
  async #lookAtRelease(spec: ServiceSpec, change: RequestMeta): Promise<ApiError['faults']> {
    try {
      await this.#request(spec.service, { kind: 'apply', spec }, { ...change, dryRun: true });
      return [];
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'INVALID') return error.faults;
      throw error;
    }
  }

  async #note(service: ServiceKey, note: ServiceCommand, change: RequestMeta): Promise<void> {
    await withApiErrors(() => this.#requests.send(service, note, change));
  }

  #answered<T>(ask: () => Promise<T>): Promise<T> {
    return withApiErrors(() => this.#parts.temporal.connection.withDeadline(Date.now() + ANSWER_MS, ask));
  }
}
