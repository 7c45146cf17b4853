import { setTimeout as sleep } from 'node:timers/promises';
import { computeFingerprint } from '../../../domain/fingerprint.ts';
import type { RunView } from '../../../domain/experiment/view.ts';
import { toApiError } from '../errors.ts';

/** Between two looks, in milliseconds. */
const LOOK_MS = 1_000;

/**
 * How a run stands, whenever that has changed, until it is over or `signal` aborts. A look that nobody answers is repeated.
 *
 * @throws ApiError what a look fails with for good
 */
export async function* watchRun(look: () => Promise<RunView>, signal: AbortSignal): AsyncGenerator<RunView> {
  let seen: string | undefined;
  while (!signal.aborted) {
    const view = await look().catch((error: unknown) => {
      const failure = toApiError(error);
      if (failure.reason !== 'UNAVAILABLE') throw failure;
      return undefined;
    });
    if (view) {
      // Sentences say how long ago something was: they change though nothing does.
      const now = computeFingerprint(view.status);
      if (now !== seen) yield view;
      seen = now;
      if (view.status.outcome !== undefined) return;
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}
