import type { AuditEvent, ChainVerdict } from '../store/audit/store.ts';
import type { HistoryView } from '../contract/supplant-client.ts';
import type { DevInfo } from '../dev/dev.ts';
import type { Examined } from '../doctor/examine.ts';
import type { LiveReport } from '../doctor/live/aws/examine.ts';
import type { DriftReport } from '../domain/drift/view.ts';
import type { ChangeStop } from '../domain/gates/stop.ts';
import type { HostView } from '../domain/hosts/view.ts';
import type { RunResults } from '../domain/experiment/run.ts';
import type { ExperimentView, RunView } from '../domain/experiment/view.ts';
import type { JsonObject } from '../domain/json.ts';
import type { PreviewView } from '../domain/preview/view.ts';
import type { ReaperReport } from '../domain/reaper/finding.ts';
import type { RollbackProof } from '../domain/rollback/proof.ts';
import type { Receipt } from '../domain/service/requests.ts';
import type { RolloutStatus, ServiceView } from '../domain/rollout/status.ts';
import type { BackupContent } from '../store/backup/commands.ts';
import type { ShownError } from './errors.ts';
import type { RejudgedStep } from './views/rejudged.ts';

/**
 * What `-o json` writes to stdout: one document a command, with these fields and no others. Fields are added over time,
 * never renamed or removed. Progress is left out; an {@link ErrorDocument} goes to stderr, on one line.
 */
export interface Documents {
  /**
   * apply, deploy, rollback, remove. `rollout` is null where it was not waited for, or waiting was cut short. `address`
   * is where clients connect, `http://127.0.0.1:8080`; null where there is no such place.
   */
  change: { receipt: Receipt; rollout: RolloutStatus | null; address: string | null };
  /** promote, pause, resume, abort, retry, approve, reject. */
  act: { service: string; verb: string; effect: string };
  /** pin, unpin, mark-bad, drop. */
  note: { service: string; kind: string; effect: string };
  list: { services: ServiceView[] };
  /** `status SERVICE`; `watch` writes one on a line of its own for every change. */
  service: ServiceView;
  /** `status SERVICE ROLLOUT`. */
  rollout: RolloutStatus;
  /** `logs` writes one on a line of its own for every line that was printed; `revision` is `r3`, `process` `p1`. */
  log: { revision: string; process: string; line: string };
  history: HistoryView & { proofs: RollbackProof[] };
  why: { rollout: RolloutStatus; sentences: string[] };
  /** `now` is null where no rules are described any more. */
  rejudge: { rollout: string; steps: RejudgedStep[] };
  /** apply of an experiment; experiment delete, pause, resume, backfill, extend, stop. */
  asked: { experiment: string; verb: string; effect: string };
  /** `experiment run`. `run` is null where it was not waited for; without an outcome where waiting was cut short. */
  ran: { experiment: string; effect: string; run: RunView | null };
  experiments: { experiments: ExperimentView[] };
  /** `experiment status NAME`. */
  experiment: ExperimentView;
  /** `experiment status NAME RUN`, `experiment why`; `experiment watch` writes one on a line of its own for every change. */
  run: { run: RunView };
  /** `experiment history`. */
  runs: { runs: RunView[] };
  /** `results show`, and `results export`. */
  results: { run: RunView; results: RunResults };
  /** `results list`; `results` is absent where a run has none, or none any more. */
  resultsList: { results: { run: RunView; results?: RunResults }[] };
  /** `results export --file`. */
  exported: { file: string; format: string };
  /** `drift list`, `drift check`. */
  drift: DriftReport;
  /** `drift acknowledge`. */
  acknowledged: { service: string; revision: string; effect: string };
  /**
   * `preview open`. `url` is where it is, or will be. `preview` is null of a dry run, and `run` where nothing was begun or
   * asked for.
   */
  opened: { effect: string; unchanged: boolean; url: string; run: number | null; preview: PreviewView | null };
  /** `preview status`. */
  preview: PreviewView;
  /** `preview list`. */
  previews: { previews: PreviewView[] };
  /** `preview close`. */
  closed: { service: string; branch: string; effect: string; unchanged: boolean };
  /** `reaper report`. */
  reaper: ReaperReport;
  /** `reaper run`. */
  reaped: { effect: string };
  /** `change-stop`. */
  changeStops: { stops: ChangeStop[] };
  /** `change-stop set`, `change-stop lift`; `environment` is null where it is for all. */
  changeStop: { environment: string | null; effect: string };
  /** `hosts`. */
  hosts: { hosts: HostView[] };
  /** `hosts forget`. */
  hostForgotten: { host: string; effect: string };
  verify: ChainVerdict;
  /** `audit list`; `audit export` writes one event a line instead. */
  events: { events: AuditEvent[] };
  init: { file: string; schema: string };
  doctor: { examined: Examined[] };
  /** `doctor --live`; `left` is what could not be removed again. */
  live: LiveReport;
  backup: { file: string } & BackupContent;
  restore: { file: string } & BackupContent;
  /** environment plan, apply, destroy. `changes` is one line a resource; `notes` what the stack says of itself. */
  environment: { name: string; changes: string[]; notes?: JsonObject };
  /** Once it is served. */
  server: { api: string };
  /** On one line, once everything runs. */
  dev: DevInfo;
}

export interface ErrorDocument {
  error: ShownError;
}
