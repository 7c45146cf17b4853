import { ApiError, type SupplantClient } from '../contract/supplant-client.ts';
import { type ServiceKey, formatServiceId } from '../domain/service/service.ts';
import type { QueuedRollout, RolloutStatus } from '../domain/rollout/status.ts';
import { toQueued, toRollout } from '../contract/convert/rollout.ts';

/** A rollout that waits in the queue, or one that has begun. */
export type Found = { queued: QueuedRollout; service: ServiceKey } | { status: RolloutStatus };

/**
 * One rollout, queued, running or over; without a number the one that runs, else the last one.
 *
 * @throws ApiError NOT_FOUND; UNAVAILABLE while nobody can say whether it waits or is about to begin
 */
export async function findRollout(backend: SupplantClient, service: ServiceKey, number?: number): Promise<Found> {
  try {
    return { status: await backend.rollout(service, number) };
  } catch (error) {
    if (number === undefined || !isNotFound(error)) throw error;
    const view = await backend.view(service).catch((reason: unknown) => {
      if (isNotFound(reason)) return undefined;
      throw reason;
    });
    const queued = view?.status.queue.find((each) => each.number === number);
    if (queued) return { queued, service };
    return { status: await lookAgain(backend, { service, number, isTakenUp: view?.status.running === number }) };
  }
}

/**
 * It may have left the queue between the two looks. Where its service has taken it up it may not have been started yet: for
 * long when its worker has just died.
 */
async function lookAgain(
  backend: SupplantClient,
  { service, number, isTakenUp }: { service: ServiceKey; number: number; isTakenUp: boolean },
): Promise<RolloutStatus> {
  try {
    return await backend.rollout(service, number);
  } catch (error) {
    if (!isNotFound(error) || !isTakenUp) throw error;
    throw new ApiError('UNAVAILABLE', `rollout ${number} of ${formatServiceId(service)} is about to begin`, {
      cause: error,
    });
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'NOT_FOUND';
}

export function numberOfFound(found: Found): number {
  return 'queued' in found ? found.queued.number : found.status.number;
}

export function toMessage(found: Found) {
  return 'queued' in found ? toQueued(found.service, found.queued) : toRollout(found.status);
}
