import type { LoadMeasurement } from '../../domain/experiment/measurement.ts';
import type { LoadProbe } from '../../domain/experiment/probe.ts';
import type { Endpoint } from '../../domain/service/revision.ts';

/** How far a load is. */
export interface LoadProgress {
  sent: number;
  answered: number;
  errors: number;
}

/**
 * Sends a load to a variant, over its endpoints in turn, and measures how it is answered.
 * @throws the signal's reason when it is aborted
 */
export async function runLoad(
  _probe: LoadProbe,
  _subject: { variant: string; endpoints: readonly Endpoint[] },
  _signal: AbortSignal,
  _onProgress: (progress: LoadProgress) => void = () => undefined,
): Promise<LoadMeasurement> {
  throw new Error('not built yet');
}
