import { loadClientConnectConfig } from '@temporalio/envconfig';

/** Where Temporal is. */
export type TemporalTarget = ReturnType<typeof loadClientConnectConfig>;

/**
 * Reads the standard `TEMPORAL_*` environment and Temporal's own configuration file, so that whatever works for the
 * `temporal` command line works here. `localhost:7233`, namespace `default` unless told.
 */
export function readTemporalTarget(): TemporalTarget {
  return loadClientConnectConfig();
}

/** One namespace serves one installation; several share a server by namespace. */
export const TASK_QUEUE = 'supplant';
