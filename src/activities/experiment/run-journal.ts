import { formatExperimentId } from '../../domain/experiment/experiment.ts';
import { type RunRef, formatRunName } from '../../domain/experiment/run.ts';
import type { JsonObject } from '../../domain/json.ts';
import { AuditConflictError, type AuditEvent, type AuditStore } from '../../store/audit/store.ts';

/** What is recorded of a run. */
export interface RunEvent {
  /** `lease.taken`, `run.ended`. */
  type: string;
  /** What tells it apart from the run's others of the same type: a variant, a probe. */
  step: string;
  /** Who asked for the run, or for this. */
  actor: string;
  data: JsonObject;
  reason?: string;
  /** What it is about; the experiment unless told. */
  subject?: string;
}

/** Writes runs' audit events under keys that make a repeated activity's event a repeat: the first one stands. */
export class RunJournal {
  readonly #store: AuditStore;

  constructor(store: AuditStore) {
    this.#store = store;
  }

  /** Returns what stands, where it says the same. */
  async write(ref: RunRef, event: RunEvent): Promise<AuditEvent | undefined> {
    const { type, step, actor, data, reason, subject = formatExperimentId(ref.experiment) } = event;
    const run = formatRunName(ref);
    try {
      return await this.#store.append({
        key: `${run}/${type}/${step}`,
        type,
        subject,
        rollout: run,
        actor,
        ...(reason === undefined ? {} : { reason }),
        data,
      });
    } catch (error) {
      if (!(error instanceof AuditConflictError)) throw error;
      return undefined;
    }
  }
}
