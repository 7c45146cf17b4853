import { type RequestMeta, type RolloutRef, formatRolloutName } from '../domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../domain/service/service.ts';
import type { JsonObject } from '../domain/json.ts';
import { AuditConflictError, AuditEntryError, type AuditEvent, type AuditStore } from '../store/audit/store.ts';
import { createPermanentFailure } from './failures.ts';

/** Writes a rollout's audit events under keys that make a retried activity's event a repeat. */
export class Journal {
  readonly #store: Pick<AuditStore, 'append' | 'list'>;

  constructor(store: Pick<AuditStore, 'append' | 'list'>) {
    this.#store = store;
  }

  /**
   * Records a decision.
   *
   * @param step what tells this event apart from the rollout's others of the same type, for instance `r3` or `shift-1`
   * @throws ApplicationFailure `RecordRefused`, not to be retried, when the record says otherwise already
   */
  async write(ref: RolloutRef, type: string, step: string, data: JsonObject, reason?: string): Promise<void> {
    try {
      await this.#append(ref, type, step, data, reason);
    } catch (error) {
      if (!(error instanceof AuditConflictError)) throw error;
      throw createPermanentFailure('RecordRefused', error.message);
    }
  }

  /**
   * Records what a repeat may see or word slightly differently: evidence, or why a stack has to go. The first
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
   * Records what was decided about a service outside any rollout. The request id tells a repeat.
   *
   * @throws ApplicationFailure `Conflict`, not to be retried, when the id stands for something else already
   */
  async writeForService(service: ServiceKey, change: RequestMeta, type: string, data: JsonObject): Promise<void> {
    const { actor, reason, requestId } = change;
    const key = `${formatServiceId(service)}/${type}/${requestId}`;
    const why = reason === undefined ? {} : { reason };
    try {
      await this.#store.append({ key, type, subject: formatServiceId(service), actor, ...why, data });
    } catch (error) {
      if (!(error instanceof AuditConflictError)) throw error;
      throw createPermanentFailure('Conflict', `request id ${requestId} was used before with other content`);
    }
  }

  /** Records what was not done, since nobody who may has asked for it. The first time counts. */
  async writeRefused(service: ServiceKey | undefined, key: string, data: JsonObject, reason: string): Promise<void> {
    const subject = service ? formatServiceId(service) : 'temporal';
    try {
      await this.#store.append({
        key: `refused/${key}`,
        type: 'message.refused',
        subject,
        actor: 'supplant',
        reason,
        data,
      });
    } catch (error) {
      if (!(error instanceof AuditConflictError)) throw error;
    }
  }

  /** What is recorded of a rollout, oldest first. */
  events(ref: RolloutRef): Promise<AuditEvent[]> {
    return this.#store.list({ rollout: formatRolloutName(ref) });
  }

  /** The first event of a kind that is recorded of a rollout. */
  async findEvent(ref: RolloutRef, type: string): Promise<AuditEvent | undefined> {
    return (await this.events(ref)).find((event) => event.type === type);
  }

  /** What the record can never take is not tried again. */
  async #append(ref: RolloutRef, type: string, step: string, data: JsonObject, reason?: string): Promise<void> {
    try {
      await this.#store.append({
        key: `${formatRolloutName(ref)}/${type}/${step}`,
        type,
        subject: formatServiceId(ref.service),
        rollout: formatRolloutName(ref),
        actor: ref.actor,
        ...(reason === undefined ? {} : { reason }),
        data,
      });
    } catch (error) {
      if (!(error instanceof AuditEntryError)) throw error;
      throw createPermanentFailure('RecordRefused', error.message);
    }
  }
}
