import type { RollbackProof } from '../../src/domain/rollback/proof.ts';
import type { AuditEvent, AuditQuery, ChainVerdict } from '../../src/store/audit/store.ts';
import {
  ApiError,
  type HistoryView,
  type RolloutVerb,
  type SupplantClient,
  type VerbOptions,
} from '../../src/contract/supplant-client.ts';
import type { LogPart, LogQuery } from '../../src/domain/logs.ts';
import type { RequestMeta, Receipt } from '../../src/domain/service/requests.ts';
import { formatServiceId, type ServiceKey, type ServiceSpec } from '../../src/domain/service/service.ts';
import type { RolloutStatus, ServiceView } from '../../src/domain/rollout/status.ts';
import { type DriftAnswers, RecordingDrift } from './recording-drift.ts';
import { type ChangeStopAnswers, RecordingChangeStops } from './recording-change-stops.ts';
import { type HostAnswers, RecordingHosts } from './recording-hosts.ts';
import { type PreviewAnswers, RecordingPreviews } from './recording-previews.ts';
import { type ExperimentAnswers, RecordingExperiments, RecordingReaper } from './recording-experiments.ts';

/** What the recording double answers with; what is left out is answered as an empty system would. */
export interface Answers extends ExperimentAnswers, DriftAnswers, HostAnswers, PreviewAnswers, ChangeStopAnswers {
  receipt?: Partial<Receipt>;
  /** Looks at the same thing come one after the other; the last one stays. */
  views?: ServiceView[];
  rollouts?: RolloutStatus[];
  history?: HistoryView;
  proofs?: RollbackProof[];
  logs?: LogPart[];
  audit?: AuditEvent[];
  chain?: ChainVerdict;
  /** The rollout never ends, nor does the run of an experiment. */
  endless?: boolean;
  /** Every request fails with this. */
  error?: Error;
  /** What the first requests for a rollout fail with, one after the other. */
  first?: Error[];
}

/** A double of the client: keeps no state and does nothing, records what it was asked and answers from a script. */
export class RecordingClient implements SupplantClient {
  readonly calls: { method: string; args: unknown[] }[] = [];
  readonly experiments: RecordingExperiments;
  readonly drift: RecordingDrift;
  readonly previews: RecordingPreviews;
  readonly reaper: RecordingReaper;
  readonly hosts: RecordingHosts;
  readonly changeStops: RecordingChangeStops;
  closed = false;
  readonly #answers: Answers;
  readonly #first: Error[];
  #viewed = 0;
  #asked = 0;

  constructor(answers: Answers = {}) {
    this.#answers = answers;
    this.#first = [...(answers.first ?? [])];
    const record = (method: string, ...args: unknown[]): void => this.#record(method, ...args);
    this.experiments = new RecordingExperiments(answers, record);
    this.drift = new RecordingDrift(answers, record);
    this.previews = new RecordingPreviews(answers, record);
    this.reaper = new RecordingReaper(answers, record);
    this.hosts = new RecordingHosts(answers, record);
    this.changeStops = new RecordingChangeStops(answers, record);
  }

  async apply(spec: ServiceSpec, change: RequestMeta): Promise<Receipt> {
    return this.#receipt(spec.service, 'apply', spec, change);
  }
  async deploy(service: ServiceKey, artifact: string, change: RequestMeta): Promise<Receipt> {
    return this.#receipt(service, 'deploy', service, artifact, change);
  }
  async rollback(service: ServiceKey, revision: number | undefined, change: RequestMeta): Promise<Receipt> {
    return this.#receipt(service, 'rollback', service, revision, change);
  }
  async restart(service: ServiceKey, change: RequestMeta): Promise<Receipt> {
    return this.#receipt(service, 'restart', service, change);
  }
  async remove(service: ServiceKey, change: RequestMeta): Promise<Receipt> {
    return this.#receipt(service, 'remove', service, change);
  }
  async act(service: ServiceKey, verb: RolloutVerb, options: VerbOptions): Promise<string> {
    this.#known(service, 'act', service, verb, options);
    return `${verb} it is`;
  }

  async pin(service: ServiceKey, revision: number, change: RequestMeta): Promise<void> {
    this.#known(service, 'pin', service, revision, change);
  }
  async unpin(service: ServiceKey, revision: number, change: RequestMeta): Promise<void> {
    this.#known(service, 'unpin', service, revision, change);
  }
  async markBad(service: ServiceKey, revision: number, change: RequestMeta): Promise<void> {
    this.#known(service, 'markBad', service, revision, change);
  }
  async removeQueued(service: ServiceKey, rollout: number, change: RequestMeta): Promise<void> {
    this.#known(service, 'removeQueued', service, rollout, change);
  }

  async services(): Promise<ServiceView[]> {
    this.#record('services');
    const last = this.#answers.views?.at(-1);
    return last ? [last] : [];
  }
  async view(service: ServiceKey): Promise<ServiceView> {
    this.#known(service, 'view', service);
    const views = this.#answers.views ?? [];
    return views[Math.min(this.#viewed++, views.length - 1)]!;
  }
  async rollout(service: ServiceKey, number?: number): Promise<RolloutStatus> {
    this.#known(service, 'rollout', service, number);
    const rollouts = this.#answers.rollouts ?? [];
    const found = rollouts[Math.min(this.#asked++, rollouts.length - 1)];
    if (!found) throw new ApiError('NOT_FOUND', 'no such rollout');
    return found;
  }
  /** Ends once the last of the scripted rollouts was looked at; at once where nobody looks. */
  async waitForRollout(service: ServiceKey, number: number, signal?: AbortSignal): Promise<RolloutStatus> {
    this.#record('waitForRollout', service, number);
    if (this.#answers.endless)
      return new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new ApiError('INTERNAL', 'aborted'))),
      );
    return this.#answers.rollouts!.at(-1)!;
  }
  async history(service: ServiceKey, limit?: number): Promise<HistoryView> {
    this.#known(service, 'history', service, limit);
    return this.#answers.history ?? { rollouts: [], revisions: [] };
  }

  async rollbackProofs(service: ServiceKey, limit?: number): Promise<RollbackProof[]> {
    this.#known(service, 'rollbackProofs', service, limit);
    return this.#answers.proofs ?? [];
  }

  async *logs(service: ServiceKey, query: LogQuery, signal: AbortSignal): AsyncGenerator<LogPart> {
    this.#known(service, 'logs', service, query);
    yield* this.#answers.logs ?? [];
    if (query.follow && this.#answers.endless)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }

  async auditEvents(query: AuditQuery = {}): Promise<AuditEvent[]> {
    this.#record('auditEvents', query);
    const { afterSeq = 0, limit = 1000, subject, rollout } = query;
    return (this.#answers.audit ?? [])
      .filter((event) => event.seq > afterSeq && (subject === undefined || event.subject === subject))
      .filter((event) => rollout === undefined || event.rollout === rollout)
      .slice(0, limit);
  }
  async verifyAudit(): Promise<ChainVerdict> {
    this.#record('verifyAudit');
    return this.#answers.chain ?? { ok: true, events: 0, head: '0'.repeat(64) };
  }
  async close(): Promise<void> {
    this.closed = true;
  }

  #record(method: string, ...args: unknown[]): void {
    this.calls.push({ method, args });
    if (this.#answers.error) throw this.#answers.error;
  }

  #known(service: ServiceKey, method: string, ...args: unknown[]): void {
    this.#record(method, ...args);
    const known = this.#answers.views?.some(
      ({ status }) => formatServiceId(status.spec.service) === formatServiceId(service),
    );
    if (!known) throw new ApiError('NOT_FOUND', `there is no service '${formatServiceId(service)}'`);
  }

  #receipt(service: ServiceKey, method: string, ...args: unknown[]): Receipt {
    if (method === 'apply') this.#record(method, ...args);
    else this.#known(service, method, ...args);
    const first = this.#first.shift();
    if (first) throw first;
    return { service, rollout: 12, revision: 17, unchanged: false, queuedBehind: 0, ...this.#answers.receipt };
  }
}
