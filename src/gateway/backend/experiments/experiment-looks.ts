import type { ExperimentView, RunView } from '../../../domain/experiment/view.ts';
import { formatExperimentId } from '../../../domain/experiment/experiment.ts';
import type { ExperimentRecord, ExperimentStore, RunRecord } from '../../../store/experiments/stores.ts';
import { isScheduled, readNextRuns } from '../../../temporal/experiment-schedules.ts';
import { toApiError } from '../errors.ts';
import type { RunLooks } from './run-looks.ts';
import type { ExperimentTemporal } from './temporal.ts';

/** How long Temporal may take to say when an experiment runs next, in milliseconds. */
const NEXT_MS = 2_500;

/** So many of its last runs are looked through for one that is over. */
const LAST_RUNS = 50;

/** Experiments as people see them. */
export class ExperimentLooks {
  readonly #temporal: ExperimentTemporal;
  readonly #runs: RunLooks;

  constructor(temporal: ExperimentTemporal, runs: RunLooks) {
    this.#temporal = temporal;
    this.#runs = runs;
  }

  /** @param show how runs that go on are looked at: their workflows may be asked, or the record has to do */
  async look(
    { runs }: Pick<ExperimentStore, 'runs'>,
    record: ExperimentRecord,
    show: (run: RunRecord) => RunView | Promise<RunView>,
  ): Promise<ExperimentView> {
    const { spec, paused } = record;
    const key = spec.experiment;
    const [open, latest, next] = await Promise.all([
      runs.open(key).then((found) => Promise.all(found.map(async (run) => show(run)))),
      runs.list(key, { limit: LAST_RUNS }),
      this.#readNext(record),
    ]);
    const last = latest.find(({ status }) => status.outcome !== undefined);
    return {
      spec,
      ...(paused ? { paused } : {}),
      openRuns: open,
      ...(last ? { lastRun: this.#runs.recorded(last) } : {}),
      ...next,
    };
  }

  /** Temporal's trouble is none of the view's: it says so, and shows all else. */
  async #readNext(record: ExperimentRecord): Promise<Pick<ExperimentView, 'nextRuns' | 'warnings'>> {
    const { schedule, experiment } = record.spec;
    if (!schedule) return { nextRuns: [], warnings: [] };
    const id = formatExperimentId(experiment);
    if (!isScheduled(record, new Date())) {
      return {
        nextRuns: [],
        warnings: [`the schedule of ${id} is over since ${schedule.endAt}: no run begins by itself`],
      };
    }
    try {
      const { client } = this.#temporal;
      const ask = () => readNextRuns(client, experiment);
      const nextRuns = await client.connection.withDeadline(Date.now() + NEXT_MS, ask);
      if (!nextRuns)
        return { nextRuns: [], warnings: [`Temporal has no schedule of ${id}; a worker makes it within 15 s`] };
      const never = nextRuns.length === 0 && !record.paused;
      return {
        nextRuns,
        warnings: never ? [`the schedule of ${id} has no time to come: no run begins by itself`] : [],
      };
    } catch (error) {
      return { nextRuns: [], warnings: [`Temporal does not say when ${id} runs next: ${toApiError(error).message}`] };
    }
  }
}
