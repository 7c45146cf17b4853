import { type Change, type RolloutRef, rolloutName } from '../domain/requests.ts';
import { type ServiceKey, serviceId } from '../domain/service.ts';
import type { JsonObject } from '../domain/json.ts';
import { AuditConflictError, AuditEntryError, type AuditEvent, type AuditStore } from '../audit/store.ts';
import { permanent } from './failures.ts';

/** Writes a rollout's audit events under keys that make a retried activity's event a repeat. */
export class Journal {
  readonly #store: AuditStore;

  constructor(store: AuditStore) {
    this.#store = store;
  }

  /**
   * Puts a decision on record.
   *
   * @param step what tells this event apart from the rollout's others of the same type, for instance `r3` or `shift-1`
   * @throws ApplicationFailure `RecordRefused`, not to be retried, when the record says otherwise already
   */
  async write(ref: RolloutRef, type: string, step: string, data: JsonObject, reason?: string): Promise<void> {
    try {
      await this.#append(ref, type, step, data, reason);
    } catch (error) {
      if (error instanceof AuditConflictError || error instanceof AuditEntryError) {
        throw permanent('RecordRefused', error.message);
      }
      throw error;
    }
  }

  /**
   * Puts on record what a repeat may see or word slightly differently: evidence, or why a stack has to go. The first
   * one stands.
   */
  async writeFirst(ref: RolloutRef, type: string, step: string, data: JsonObject, reason?: string): Promise<void> {
    try {
      await this.#append(ref, type, step, data, reason);
    } catch (error) {
      if (!(error instanceof AuditConflictError)) throw error;
    }
  }

  /**
   * Puts on record what was decided about a service outside any rollout. The request id tells a repeat.
   *
   * @throws ApplicationFailure `Conflict`, not to be retried, when the id stands for something else already
   */
  async writeForService(service: ServiceKey, change: Change, type: string, data: JsonObject): Promise<void> {
    const { actor, reason, requestId } = change;
    const key = `${serviceId(service)}/${type}/${requestId}`;
    const why = reason === undefined ? {} : { reason };
    try {
      await this.#store.append({ key, type, subject: serviceId(service), actor, ...why, data });
    } catch (error) {
      if (!(error instanceof AuditConflictError)) throw error;
      throw permanent('Conflict', `request id ${requestId} was used before with other content`);
    }
  }

  /** What a rollout has on record, oldest first. */
  events(ref: RolloutRef): Promise<AuditEvent[]> {
    return this.#store.list({ rollout: rolloutName(ref) });
  }

  async #append(ref: RolloutRef, type: string, step: string, data: JsonObject, reason?: string): Promise<void> {
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
}
