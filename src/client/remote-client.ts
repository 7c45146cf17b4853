import type { SecureClientSessionOptions } from 'node:http2';
import { type Client, type Interceptor, createClient } from '@connectrpc/connect';
import { Http2SessionManager, createGrpcTransport } from '@connectrpc/connect-node';
import { fromEvent, fromVerification } from '../contract/convert/audit.ts';
import { fromLogPart } from '../contract/convert/logs.ts';
import { fromRevision } from '../contract/convert/revision.ts';
import { fromRollbackProof } from '../contract/convert/rollback.ts';
import { fromRecorded, fromRollout } from '../contract/convert/rollout.ts';
import { fromService } from '../contract/convert/service.ts';
import { toSpec } from '../contract/convert/spec.ts';
import { fromReceipt } from '../contract/convert/receipt.ts';
import { names } from '../contract/names.ts';
import type { AuditEvent, AuditQuery, ChainVerdict } from '../store/audit/store.ts';
import type { LogPart, LogQuery } from '../domain/logs.ts';
import type { RequestMeta, Receipt } from '../domain/service/requests.ts';
import type { RollbackProof } from '../domain/rollback/proof.ts';
import { type ServiceKey, type ServiceSpec, formatServiceId } from '../domain/service/service.ts';
import type { RolloutStatus, ServiceView } from '../domain/rollout/status.ts';
import type { RolloutVerb } from '../domain/rollout/verbs.ts';
import { AuditService } from '../contract/gen/supplant/v1/audit_pb.ts';
import { DriftService } from '../contract/gen/supplant/v1/drift_pb.ts';
import { ExperimentService } from '../contract/gen/supplant/v1/experiments_pb.ts';
import { ChangeStopService } from '../contract/gen/supplant/v1/change_stops_pb.ts';
import { HostService } from '../contract/gen/supplant/v1/hosts_pb.ts';
import { PreviewService } from '../contract/gen/supplant/v1/previews_pb.ts';
import { LogService } from '../contract/gen/supplant/v1/logs_pb.ts';
import { ReaperService } from '../contract/gen/supplant/v1/reaper_pb.ts';
import { type CreateRolloutRequest, RolloutService, Rollout_State } from '../contract/gen/supplant/v1/rollouts_pb.ts';
import { ServiceService } from '../contract/gen/supplant/v1/services_pb.ts';
import type { DriftClient } from '../contract/drift-client.ts';
import type { ExperimentClient, ReaperClient } from '../contract/experiment-client.ts';
import type { ChangeStopClient } from '../contract/change-stop-client.ts';
import type { HostClient } from '../contract/host-client.ts';
import type { PreviewClient } from '../contract/preview-client.ts';
import { ApiError, type HistoryView, type SupplantClient, type VerbOptions } from '../contract/supplant-client.ts';
import { TIMELY, guarded, toMutation, toOptions } from './remote-call.ts';
import { RemoteDrift } from './remote-drift.ts';
import { toApiError } from './remote-errors.ts';
import { RemoteExperiments } from './remote-experiments.ts';
import { RemoteChangeStops } from './remote-change-stops.ts';
import { RemoteHosts } from './remote-hosts.ts';
import { toAuditFilter, collectPages } from './remote-pages.ts';
import { RemotePreviews } from './remote-previews.ts';
import { RemoteReaper } from './remote-reaper.ts';
import { waitRemotely } from './remote-wait.ts';

export interface RemoteOptions {
  /** `127.0.0.1:7700`. */
  address: string;
  /** Sent as a bearer token; asked for before every request where it is one that is renewed. */
  token?: TokenSource;
  /** Certificate authority, and certificate and key where the gateway asks for them. In the clear without it. */
  tls?: Pick<SecureClientSessionOptions, 'ca' | 'cert' | 'key'>;
}

export type TokenSource = string | (() => string | Promise<string>);

/** When a silent connection is asked for a sign of life, and how long that may take, in milliseconds. */
const PINGS = { pingIntervalMs: 20_000, pingTimeoutMs: 10_000 };

const LATEST = '-';
const MOST_HISTORY = 50;
const MOST_EVENTS = 1000;

/**
 * Connects to a gateway.
 *
 * @throws ApiError UNAVAILABLE when it cannot be reached
 */
export async function connectRemote({ address, token, tls }: RemoteOptions): Promise<SupplantClient> {
  const baseUrl = `${tls ? 'https' : 'http'}://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl, PINGS, tls);
  if ((await sessionManager.connect()) === 'error') {
    throw toApiError(sessionManager.error());
  }
  return new RemoteClient(sessionManager, baseUrl, token);
}

/** Talks to a gateway over gRPC. */
class RemoteClient implements SupplantClient {
  readonly experiments: ExperimentClient;
  readonly drift: DriftClient;
  readonly previews: PreviewClient;
  readonly reaper: ReaperClient;
  readonly hosts: HostClient;
  readonly changeStops: ChangeStopClient;
  readonly #session: Http2SessionManager;
  readonly #rollouts: Client<typeof RolloutService>;
  readonly #services: Client<typeof ServiceService>;
  readonly #audit: Client<typeof AuditService>;
  readonly #logs: Client<typeof LogService>;

  constructor(sessionManager: Http2SessionManager, baseUrl: string, token: TokenSource | undefined) {
    this.#session = sessionManager;
    const transport = createGrpcTransport({ baseUrl, sessionManager, interceptors: [createBearer(token)] });
    this.#rollouts = createClient(RolloutService, transport);
    this.#services = createClient(ServiceService, transport);
    this.#audit = createClient(AuditService, transport);
    this.#logs = createClient(LogService, transport);
    this.experiments = new RemoteExperiments(createClient(ExperimentService, transport));
    this.drift = new RemoteDrift(createClient(DriftService, transport));
    this.previews = new RemotePreviews(createClient(PreviewService, transport));
    this.reaper = new RemoteReaper(createClient(ReaperService, transport));
    this.hosts = new RemoteHosts(createClient(HostService, transport));
    this.changeStops = new RemoteChangeStops(createClient(ChangeStopService, transport));
  }

  apply(spec: ServiceSpec, change: RequestMeta): Promise<Receipt> {
    const description = { case: 'spec' as const, value: toSpec(spec) };
    return guarded(async () => {
      const { receipt } = await this.#services.applyService({ description, ...toMutation(change) }, toOptions(change));
      return fromReceipt(spec.service, receipt);
    });
  }

  deploy(service: ServiceKey, artifact: string, change: RequestMeta): Promise<Receipt> {
    return this.#create(service, { case: 'deploy', value: { artifact } as never }, change);
  }

  rollback(service: ServiceKey, revision: number | undefined, change: RequestMeta): Promise<Receipt> {
    const name = revision === undefined ? '' : names.revision(service, revision);
    return this.#create(service, { case: 'rollback', value: { revision: name } as never }, change);
  }

  restart(service: ServiceKey, change: RequestMeta): Promise<Receipt> {
    return guarded(async () => {
      const request = { name: names.service(service), ...toMutation(change) };
      return fromReceipt(service, (await this.#services.restartService(request, toOptions(change))).receipt);
    });
  }

  remove(service: ServiceKey, change: RequestMeta): Promise<Receipt> {
    return this.#create(service, { case: 'remove', value: {} as never }, change);
  }

  act(
    service: ServiceKey,
    verb: RolloutVerb,
    { rollout, full, breakGlass, standing: _told, ...by_ }: VerbOptions,
  ): Promise<string> {
    const request = {
      ...{ name: rolloutName(service, rollout), ...toMutation(by_) },
      ...(full ? { full } : {}),
      ...(breakGlass ? { breakGlass } : {}),
    };
    return guarded(async () => (await this.#rollouts[`${verb}Rollout`](request, toOptions(by_))).effect);
  }

  pin(service: ServiceKey, revision: number, change: RequestMeta): Promise<void> {
    const request = { name: names.revision(service, revision), ...toMutation(change) };
    return done(() => this.#services.pinRevision(request, toOptions(change)));
  }

  unpin(service: ServiceKey, revision: number, change: RequestMeta): Promise<void> {
    const request = { name: names.revision(service, revision), ...toMutation(change) };
    return done(() => this.#services.unpinRevision(request, toOptions(change)));
  }

  markBad(service: ServiceKey, revision: number, change: RequestMeta): Promise<void> {
    const request = { name: names.revision(service, revision), ...toMutation(change) };
    return done(() => this.#services.markRevisionBad(request, toOptions(change)));
  }

  removeQueued(service: ServiceKey, rollout: number, change: RequestMeta): Promise<void> {
    const request = { name: names.rollout(service, rollout), ...toMutation(change) };
    return done(() => this.#services.removeQueuedRollout(request, toOptions(change)));
  }

  services(): Promise<ServiceView[]> {
    return collectPages(Number.POSITIVE_INFINITY, async (pageSize, pageToken) => {
      const page = await this.#services.listServices({ pageSize, pageToken }, TIMELY);
      return [page.services.map(fromService), page.nextPageToken];
    });
  }

  view(service: ServiceKey): Promise<ServiceView> {
    return guarded(async () => {
      const { service: found } = await this.#services.getService({ name: names.service(service) }, TIMELY);
      if (!found) throw new ApiError('INTERNAL', `the gateway sent nothing of ${formatServiceId(service)}`);
      return fromService(found);
    });
  }

  rollout(service: ServiceKey, number?: number): Promise<RolloutStatus> {
    return guarded(async () => {
      const { rollout } = await this.#rollouts.getRollout({ name: rolloutName(service, number) }, TIMELY);
      if (!rollout) throw new ApiError('INTERNAL', `the gateway sent no rollout of ${formatServiceId(service)}`);
      if (rollout.state !== Rollout_State.QUEUED) return fromRollout(rollout);
      throw new ApiError(
        'NOT_FOUND',
        `rollout ${number ?? ''} of ${formatServiceId(service)} is queued and has not begun`,
      );
    });
  }

  waitForRollout(service: ServiceKey, number: number, signal?: AbortSignal): Promise<RolloutStatus> {
    return waitRemotely(this.#rollouts, names.rollout(service, number), signal);
  }

  async history(service: ServiceKey, limit = MOST_HISTORY): Promise<HistoryView> {
    const parent = names.service(service);
    const [rollouts, revisions] = await Promise.all([
      collectPages(limit, async (pageSize, pageToken) => {
        const page = await this.#rollouts.listRollouts({ parent, pageSize, pageToken }, TIMELY);
        return [page.rollouts.map(fromRecorded), page.nextPageToken];
      }),
      collectPages(limit, async (pageSize, pageToken) => {
        const page = await this.#services.listRevisions({ parent, pageSize, pageToken }, TIMELY);
        return [page.revisions.map(fromRevision), page.nextPageToken];
      }),
    ]);
    return { rollouts, revisions };
  }

  rollbackProofs(service: ServiceKey, limit = MOST_HISTORY): Promise<RollbackProof[]> {
    const parent = names.service(service);
    return collectPages(limit, async (pageSize, pageToken) => {
      const page = await this.#services.listRollbackProofs({ parent, pageSize, pageToken }, TIMELY);
      return [page.proofs.map((proof) => fromRollbackProof(service, proof)), page.nextPageToken];
    });
  }

  async *logs(service: ServiceKey, query: LogQuery, signal: AbortSignal): AsyncGenerator<LogPart> {
    const { revision, lines, follow } = query;
    const name = revision === undefined ? names.service(service) : names.revision(service, revision);
    try {
      for await (const message of this.#logs.readLogs({ name, lines, follow }, { signal })) {
        const part = fromLogPart(message);
        if (part) yield part;
      }
    } catch (error) {
      if (!signal.aborted) throw toApiError(error);
    }
  }

  auditEvents({ limit = MOST_EVENTS, ...query }: AuditQuery = {}): Promise<AuditEvent[]> {
    return guarded(() => {
      const filter = toAuditFilter(query);
      return collectPages(limit, async (pageSize, pageToken) => {
        const page = await this.#audit.listAuditEvents({ ...filter, pageSize, pageToken }, TIMELY);
        return [page.events.map(fromEvent), page.nextPageToken];
      });
    });
  }

  verifyAudit(): Promise<ChainVerdict> {
    // As long as it takes: the record may be long.
    return guarded(async () => fromVerification(await this.#audit.verifyAuditChain({})));
  }

  async close(): Promise<void> {
    this.#session.abort();
  }

  #create(service: ServiceKey, action: CreateRolloutRequest['action'], change: RequestMeta): Promise<Receipt> {
    return guarded(async () => {
      const request = { parent: names.service(service), action, ...toMutation(change) };
      const { receipt } = await this.#rollouts.createRollout(request, toOptions(change));
      return fromReceipt(service, receipt);
    });
  }
}

function rolloutName(service: ServiceKey, number: number | undefined): string {
  return number === undefined ? `${names.service(service)}/rollouts/${LATEST}` : names.rollout(service, number);
}

/** Shows a token with every request. */
export function createBearer(source: TokenSource | undefined): Interceptor {
  return (next) => async (request) => {
    const token = typeof source === 'function' ? await source() : source;
    if (token !== undefined) request.header.set('authorization', `Bearer ${token}`);
    return next(request);
  };
}

async function done(ask: () => Promise<unknown>): Promise<void> {
  await guarded(ask);
}
