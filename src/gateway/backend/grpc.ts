import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, isGrpcServiceError } from '@temporalio/client';

/** DEADLINE_EXCEEDED, CANCELLED, FAILED_PRECONDITION and UNAVAILABLE, https://grpc.io/docs/guides/status-codes */
export const GRPC = { cancelled: 1, late: 4, precondition: 9, unavailable: 14 } as const;

/** The code that a call of Temporal failed with. */
export function readGrpcCode(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? (error.cause ?? error) : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/**
 * Asks a worker through Temporal, and again where Temporal says that none has looked for work lately: after some idleness
 * (`matching.queryPollerUnavailableWindow`, 20 s) that is so although they are there, until they look again.
 *
 * @param until the moment after which the failure counts, in milliseconds since the epoch
 */
export async function askWorker<T>(ask: () => Promise<T>, until: number): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (readGrpcCode(error) !== GRPC.precondition || Date.now() + pause > until) throw error;
      await sleep(pause);
    }
  }
}
