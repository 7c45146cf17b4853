import { type RolloutRef, rolloutName } from '../domain/requests.ts';
import { serviceId } from '../domain/service.ts';
import type { JsonObject } from '../domain/json.ts';
import { AuditConflictError, type AuditStore } from '../audit/store.ts';

/** Writes a rollout's audit events under keys that make a retried activity's event a repeat. */
export class Journal {
  readonly #store: AuditStore;

  constructor(store: AuditStore) {
    this.#store = store;
  }

  /**
   * @param step what tells this event apart from the rollout's others of the same type, for instance `r3` or `shift-1`
   */
  async write(ref: RolloutRef, type: string, step: string, data: JsonObject, reason?: string): Promise<void> {
    await this.#store.append({
      key: `${rolloutName(ref)}/${type}/${step}`,
      type,
      subject: serviceId(ref.service),
      rollout: rolloutName(ref),
      actor: ref.actor,
      ...(reason === undefined ? {} : { reason }),
      data,
    });
  }

  /** For what was observed rather than decided: a repeat sees something slightly different, and the first one stands. */
  async observe(ref: RolloutRef, type: string, step: string, data: JsonObject, evidence: string): Promise<void> {
    try {
      await this.write(ref, type, step, data, evidence);
    } catch (error) {
      if (!(error instanceof AuditConflictError)) throw error;
    }
  }
}
