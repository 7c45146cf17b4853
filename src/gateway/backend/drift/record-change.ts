import { ApiError } from '../../../contract/supplant-client.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../../../domain/service/service.ts';
import { AuditConflictError, type AuditStore } from '../../../store/audit/store.ts';

/**
 * Records what somebody asks for about drift, before anything follows from it. The request id tells a repeat.
 *
 * @param service what it is about; all services where it is undefined
 * @throws ApiError CONFLICT where the id stands for something else already
 */
export async function recordChange(
  audit: Pick<AuditStore, 'append'>,
  service: ServiceKey | undefined,
  { actor, reason, requestId }: RequestMeta,
  event: { type: string; data: JsonObject },
): Promise<void> {
  const subject = service ? formatServiceId(service) : 'drift';
  const why = reason === undefined ? {} : { reason };
  try {
    await audit.append({ key: `${subject}/${event.type}/${requestId}`, subject, actor, ...why, ...event });
  } catch (error) {
    if (error instanceof AuditConflictError) throw createConflict(requestId);
    throw error;
  }
}

export function createConflict(requestId: string): ApiError {
  return new ApiError('CONFLICT', `request id ${requestId} was used before with other content`, {
    suggestion: 'leave the id out, or use a new one',
  });
}
