import { ApiError, type ApiErrorReason } from '../../../contract/supplant-client.ts';
import type { RunChoice } from '../../../contract/experiment-client.ts';
import { type ExperimentKey, formatExperimentId } from '../../../domain/experiment/experiment.ts';
import { formatRunName } from '../../../domain/experiment/run.ts';
import type { ExperimentRecord, ExperimentStore, RunRecord } from '../../../store/experiments/stores.ts';

/** @throws ApiError NOT_FOUND naming the experiments there are */
export async function requireExperiment(store: ExperimentStore, key: ExperimentKey): Promise<ExperimentRecord> {
  const record = await store.experiments.find(key);
  if (record && record.deletedAt === undefined) return record;
  throw await unknownExperiment(store, key, record?.deletedAt);
}

/**
 * A run by its number, or the last one; of an experiment that was deleted, too.
 *
 * @throws ApiError NOT_FOUND
 */
export async function requireRun(store: ExperimentStore, { experiment, run }: RunChoice): Promise<RunRecord> {
  if (run === undefined) return requireLastRun(store, experiment);
  const found = await store.runs.find({ experiment, run });
  if (found) return found;
  const record = await store.experiments.find(experiment);
  if (!record) throw await unknownExperiment(store, experiment);
  const last = record.lastRun === 0 ? 'it has had none yet' : `its last one is ${record.lastRun}`;
  throw new ApiError('NOT_FOUND', `there is no run ${formatRunName({ experiment, run })}: ${last}`);
}

/**
 * The run that somebody wants to end or to last longer: where none is named, the newest that goes on. The last one may have
 * been skipped for it.
 *
 * @throws ApiError NOT_FOUND, or REFUSED where it is over
 */
export async function requireOpenRun(store: ExperimentStore, choice: RunChoice): Promise<RunRecord> {
  const { experiment, run } = choice;
  if (run === undefined) await requireLastRun(store, experiment);
  const open = run === undefined ? (await store.runs.open(experiment)).at(-1) : undefined;
  const found = open ?? (await requireRun(store, choice));
  const { outcome } = found.status;
  if (outcome === undefined) return found;
  throw refused(`${formatRunName(found.status)} is over: it has ${outcome === 'lost' ? 'been lost' : outcome}`);
}

async function requireLastRun(store: ExperimentStore, key: ExperimentKey): Promise<RunRecord> {
  const [last] = await store.runs.list(key, { limit: 1 });
  if (last) return last;
  await requireExperiment(store, key);
  const suggestion = `supplant experiment run ${formatExperimentId(key)} begins one`;
  throw new ApiError('NOT_FOUND', `${formatExperimentId(key)} has had no run yet`, { suggestion });
}

async function unknownExperiment(store: ExperimentStore, key: ExperimentKey, deletedAt?: string): Promise<ApiError> {
  const id = formatExperimentId(key);
  const what =
    deletedAt === undefined ? `there is no experiment ${id}` : `experiment ${id} was deleted at ${deletedAt}`;
  const services = (await store.experiments.list()).map(({ spec }) => spec.experiment);
  return new ApiError('NOT_FOUND', what, { services });
}

/** Not now. */
export function refused(message: string, suggestion?: string, reason: ApiErrorReason = 'REFUSED'): ApiError {
  return new ApiError(reason, message, suggestion === undefined ? {} : { suggestion });
}
