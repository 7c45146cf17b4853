import type { AuditEvent, ChainVerdict } from '../audit/store.ts';
import type { HistoryView } from '../client/api.ts';
import type { DevInfo } from '../dev/dev.ts';
import type { Ticket } from '../domain/requests.ts';
import type { RolloutStatus, ServiceView } from '../domain/status.ts';
import type { BackupContent } from '../store/backup/commands.ts';
import type { ShownError } from './errors.ts';

/**
 * What `-o json` writes to stdout: one document a command, with these fields and no others. Fields are added over time,
 * never renamed or removed. Progress is left out; an {@link ErrorDocument} goes to stderr, on one line.
 */
export interface Documents {
  /** apply, deploy, rollback, remove. `rollout` is null where it was not waited for, or waiting was cut short. */
  change: { ticket: Ticket; rollout: RolloutStatus | null };
  /** promote, pause, resume, abort, retry. */
  act: { service: string; verb: string; effect: string };
  /** pin, unpin, mark-bad, drop. */
  note: { service: string; kind: string; effect: string };
  list: { services: ServiceView[] };
  /** `status SERVICE`; `watch` writes one on a line of its own for every change. */
  service: ServiceView;
  /** `status SERVICE ROLLOUT`. */
  rollout: RolloutStatus;
  history: HistoryView;
  why: { rollout: RolloutStatus; sentences: string[] };
  verify: ChainVerdict;
  /** `audit list`; `audit export` writes one event a line instead. */
  events: { events: AuditEvent[] };
  init: { file: string };
  backup: { file: string } & BackupContent;
  restore: { file: string } & BackupContent;
  /** On one line, once everything runs. */
  dev: DevInfo;
}

export interface ErrorDocument {
  error: ShownError;
}
