import type { RequestMeta } from '../domain/service/requests.ts';
import { toApiError } from './remote-errors.ts';

/** How long a gateway may take to answer, in milliseconds. */
const ANSWER_MS = 15_000;

/** Options of a call that has to be answered soon. */
export const TIMELY = { timeoutMs: ANSWER_MS };

/** What every request that changes something carries. */
export function toMutation({ reason = '', requestId = '', dryRun = false, breakGlass }: Partial<RequestMeta>) {
  return { reason, requestId, validateOnly: dryRun, ...(breakGlass ? { breakGlass } : {}) };
}

/** Where the gateway asks nobody to prove who they are, it goes by this name. HTTP takes ASCII alone. */
export function toOptions({ actor }: { actor: string }) {
  return { ...TIMELY, headers: { 'supplant-actor': actor.replaceAll(/[^ -~]/g, '?') } };
}

/** Whatever a call fails with becomes an ApiError. */
export async function guarded<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw toApiError(error);
  }
}
