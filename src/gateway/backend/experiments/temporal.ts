import type { Client } from '@temporalio/client';
import type { ExperimentKey } from '../../../domain/experiment/experiment.ts';
import type { ExperimentRecord } from '../../../store/experiments/stores.ts';
import { ensureSchedule } from '../../../temporal/experiment-schedules.ts';
import { EXPERIMENT_WORKFLOW, buildRunStart } from '../../../temporal/experiment-start.ts';
import { signalRun } from '../../../temporal/experiment-watch.ts';
import { startOnce } from '../../../temporal/start-once.ts';
import { toApiError } from '../errors.ts';

/** How long Temporal may take for it; a worker does it otherwise. In milliseconds. */
const PATIENCE_MS = 5_000;

/**
 * Has Temporal follow what is on record. Where it does not, that is no failure: the record counts, and a worker brings it
 * about.
 */
export class ExperimentTemporal {
  readonly client: Client;
  readonly #taskQueue: string;

  constructor(client: Client, taskQueue: string) {
    this.client = client;
    this.#taskQueue = taskQueue;
  }

  align(record: ExperimentRecord): Promise<string | undefined> {
    return this.#remarkOf(() => ensureSchedule(this.client, record, this.#taskQueue));
  }

  start(runs: readonly { experiment: ExperimentKey; workflowId: string }[]): Promise<string | undefined> {
    return this.#remarkOf(async () => {
      for (const { experiment, workflowId } of runs) await this.#start(experiment, workflowId);
    });
  }

  /** Has runs read their record. */
  tell(runs: readonly { workflowId: string }[]): Promise<string | undefined> {
    return this.#remarkOf(async () => {
      for (const { workflowId } of runs) await signalRun(this.client, workflowId);
    });
  }

  async #start(experiment: ExperimentKey, workflowId: string): Promise<void> {
    // A repeat must not begin again what is over.
    const once = { workflowIdReusePolicy: 'REJECT_DUPLICATE' } as const;
    const start = buildRunStart(experiment, workflowId, this.#taskQueue);
    await startOnce(this.client, EXPERIMENT_WORKFLOW, { ...start, ...once });
  }

  async #remarkOf(work: () => Promise<unknown>): Promise<string | undefined> {
    try {
      await this.client.connection.withDeadline(Date.now() + PATIENCE_MS, work);
      return undefined;
    } catch (error) {
      return `Temporal has not followed yet (${toApiError(error).message}); a worker sees to that every 15 s`;
    }
  }
}
