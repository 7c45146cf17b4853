import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../contract/supplant-client.ts';

export interface RepeatOptions {
  signal?: AbortSignal;
  /** An attempt was answered with progress before. */
  begun?: boolean;
}

/** A busy machine misses an answer now and then. One that misses more in a row has gone. */
const MOST_MISSED = 3;

/** Who answers has waited for seconds already, in milliseconds. */
const PAUSE_MS = 100;

/**
 * Repeats a request for as long as it is answered that it needs longer than a request may take. Each attempt has to be
 * made under the same request id.
 *
 * @param onProgress told how far it is, in words fit to show
 * @throws ApiError what any attempt fails with otherwise
 */
export async function repeatWhileUnfinished<T>(
  attempt: () => Promise<T>,
  onProgress: (progress: string) => void,
  { signal, begun = false }: RepeatOptions = {},
): Promise<T> {
  let hasBegun = begun;
  let missed = 0;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { progress, reason } = error;
      missed = progress === undefined ? missed + 1 : 0;
      hasBegun ||= progress !== undefined;
      if (reason !== 'UNAVAILABLE' || !hasBegun || missed > MOST_MISSED) throw error;
      if (progress !== undefined) onProgress(progress);
    }
    await sleep(PAUSE_MS, undefined, signal ? { signal } : {});
  }
}
