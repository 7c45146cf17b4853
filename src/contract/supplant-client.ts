import type { AuditEvent, AuditQuery, ChainVerdict } from '../store/audit/store.ts';
import type { RevisionRecord, RolloutRecord } from '../store/catalogue/catalogue.ts';
import type { LogPart, LogQuery } from '../domain/logs.ts';
import type { RequestMeta, Receipt } from '../domain/service/requests.ts';
import type { Standing } from '../domain/gates/approval.ts';
import type { RollbackProof } from '../domain/rollback/proof.ts';
import type { ServiceKey, ServiceSpec } from '../domain/service/service.ts';
import type { RolloutStatus, ServiceView } from '../domain/rollout/status.ts';
import type { RolloutVerb } from '../domain/rollout/verbs.ts';
import type { ChangeStopClient } from './change-stop-client.ts';
import type { DriftClient } from './drift-client.ts';
import type { ExperimentClient, ReaperClient } from './experiment-client.ts';
import type { HostClient } from './host-client.ts';
import type { PreviewClient } from './preview-client.ts';

export type { RolloutVerb } from '../domain/rollout/verbs.ts';

export interface HistoryView {
  /** Both newest first. */
  rollouts: RolloutRecord[];
  revisions: PastRevision[];
}

/** A revision as its service's history has it. */
export interface PastRevision extends RevisionRecord {
  /** Its stack could not be destroyed yet, whatever its state says: it is in quarantine. */
  quarantined?: true;
}

/** Who asks something of a rollout, and how; of the running one unless told. */
export interface VerbOptions {
  rollout?: number;
  actor: string;
  reason?: string;
  requestId?: string;
  /** Of promote: the steps before all traffic are left out, which needs a reason. */
  full?: true;
  /** Of promote: all gates are passed, which needs a reason, and a role that may. */
  breakGlass?: true;
  /** Of approve: who the caller is to the service. A gateway says so of its callers; what a client says counts for nothing. */
  standing?: Standing;
}

/**
 * Everything Supplant can do, as a program sees it. The commands know nothing else of the system, so that the gateway can
 * take the place of what stands behind it.
 *
 * Every method fails with {@link ApiError} and nothing else.
 */
export interface SupplantClient {
  /** Makes the service be as described: a new revision where artifact, blueprint or config differ from the live one. */
  apply(spec: ServiceSpec, change: RequestMeta): Promise<Receipt>;
  /** A new revision with another artifact, all else as last applied. */
  deploy(service: ServiceKey, artifact: string, change: RequestMeta): Promise<Receipt>;
  /** Back to `revision`, or to the one that was live before. */
  rollback(service: ServiceKey, revision: number | undefined, change: RequestMeta): Promise<Receipt>;
  /** A fresh revision of the release that is live: new processes, by a whole rollout. */
  restart(service: ServiceKey, change: RequestMeta): Promise<Receipt>;
  /** Takes the service away: its route and all its stacks. */
  remove(service: ServiceKey, change: RequestMeta): Promise<Receipt>;
  /**
   * Asks something of the running rollout, or of the one named; returns what it does now, in words. Asking again under the
   * same request id is a repeat. To promote in full is to leave out the steps before all traffic; that needs a reason.
   */
  act(service: ServiceKey, verb: RolloutVerb, options: VerbOptions): Promise<string>;

  /** Keeps a warm revision whatever retention says. */
  pin(service: ServiceKey, revision: number, change: RequestMeta): Promise<void>;
  unpin(service: ServiceKey, revision: number, change: RequestMeta): Promise<void>;
  /** No rollback shall go there any more. */
  markBad(service: ServiceKey, revision: number, change: RequestMeta): Promise<void>;
  /** Takes a rollout out of the queue before it begins. */
  removeQueued(service: ServiceKey, rollout: number, change: RequestMeta): Promise<void>;

  services(): Promise<ServiceView[]>;
  view(service: ServiceKey): Promise<ServiceView>;
  /** One rollout, running or closed; the running or last one when no number is given. */
  rollout(service: ServiceKey, number?: number): Promise<RolloutStatus>;
  /** Waits until the rollout is over. Survives lost connections; ends early only by `signal`. */
  waitForRollout(service: ServiceKey, number: number, signal?: AbortSignal): Promise<RolloutStatus>;
  history(service: ServiceKey, limit?: number): Promise<HistoryView>;
  /** What drills have found out about the service's rollbacks: of each pair of releases the latest, newest first. */
  rollbackProofs(service: ServiceKey, limit?: number): Promise<RollbackProof[]>;

  /**
   * What the processes of a revision print, in parts as they come: first where it is kept. Ends with the lines, or when
   * `signal` aborts. REFUSED where they cannot be had.
   */
  logs(service: ServiceKey, query: LogQuery, signal: AbortSignal): AsyncGenerator<LogPart>;

  readonly experiments: ExperimentClient;
  readonly drift: DriftClient;
  readonly previews: PreviewClient;
  readonly reaper: ReaperClient;
  readonly hosts: HostClient;
  readonly changeStops: ChangeStopClient;

  auditEvents(query?: AuditQuery): Promise<AuditEvent[]>;
  verifyAudit(): Promise<ChainVerdict>;
  close(): Promise<void>;
}

export type ApiErrorReason =
  /** The request is wrong; `faults` says where. */
  | 'INVALID'
  | 'NOT_FOUND'
  /** Not now: the phase × verb table or the service's state says no. */
  | 'REFUSED'
  /** The same request id was used with other content. */
  | 'CONFLICT'
  /** Nobody answers: Temporal, the worker or a store. Nothing is known to have started. */
  | 'UNAVAILABLE'
  | 'INTERNAL';

/** What went wrong, in words fit to show, and what would be right. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly reason: ApiErrorReason;
  /** What to do about it: a command to type, a value to use. */
  readonly suggestion?: string;
  /** All faults of an invalid request, each with its path in the manifest. */
  readonly faults: { path: string; message: string }[];
  /** The services that there are instead of the one that was named. A gateway tells a caller of those it may see. */
  readonly services?: readonly ServiceKey[];
  /**
   * Of an UNAVAILABLE: how far the work is that has to be done before the request can be answered. It goes on for a while;
   * repeat the request under the same id until it is answered.
   */
  readonly progress?: string;

  constructor(
    reason: ApiErrorReason,
    message: string,
    more: {
      suggestion?: string;
      faults?: { path: string; message: string }[];
      services?: readonly ServiceKey[];
      progress?: string;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: more.cause });
    this.reason = reason;
    if (more.suggestion !== undefined) this.suggestion = more.suggestion;
    if (more.services !== undefined) this.services = more.services;
    if (more.progress !== undefined) this.progress = more.progress;
    this.faults = more.faults ?? [];
  }
}
