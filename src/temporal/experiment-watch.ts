import type { Client } from '@temporalio/client';
import { type ExperimentKey, formatExperimentId } from '../domain/experiment/experiment.ts';
import { experimentIds, formatRunName } from '../domain/experiment/run.ts';
import type { AuditStore } from '../store/audit/store.ts';
import type { ExperimentStore, RunRecord } from '../store/experiments/stores.ts';
import { runChangedSignal } from '../workflows/shared/messages.ts';
import {
  type ScheduleState,
  deleteSchedule,
  ensureSchedule,
  isCurrent,
  isScheduled,
  parseScheduleId,
} from './experiment-schedules.ts';
import { EXPERIMENT_WORKFLOW, SCHEDULE_PREFIX, buildRunStart } from './experiment-start.ts';
import { findForgottenPreviews, forgetPreview } from './forgotten-previews.ts';
import { ifThere } from './if-there.ts';
import { LogOnce } from './log-once.ts';
import { RepeatedLook } from './repeated-look.ts';
import { startOnce } from './start-once.ts';

/** Between two looks, in milliseconds. */
const LOOK_MS = 15_000;

/** How long it is remembered what was answered to a change, in milliseconds: as long as of requests of services. */
const CHANGES_KEPT_MS = 30 * 86_400_000;

/** A gateway that has begun a run on record starts its workflow within this, or not at all. In milliseconds. */
const START_MS = 5_000;

export interface ExperimentWatchOptions {
  client: Client;
  taskQueue: string;
  experiments: ExperimentStore;
  audit: Pick<AuditStore, 'append'>;
  log: (message: string, details: Record<string, unknown>) => void;
  /** Between two looks, in milliseconds. 15,000 unless told. */
  everyMs?: number;
  /** How old a run on record has to be to be started from here, in milliseconds. 5,000 unless told. */
  startMs?: number;
}

/**
 * Brings about what is on record of experiments and did not reach Temporal: somebody deleted a schedule, Temporal was down
 * when something was asked for, or its own record is from a backup.
 */
export class ExperimentWatch implements Disposable {
  readonly #options: ExperimentWatchOptions;
  readonly #duties: { carryOut: () => Promise<void>; trouble: LogOnce }[];
  /** Runs that were to end when they were last looked at, and how far they are in being told. */
  readonly #stopping = new Map<string, 'seen' | 'told'>();
  readonly #looks: RepeatedLook;
  #isOver = false;

  private constructor(options: ExperimentWatchOptions) {
    this.#options = options;
    const duty = (what: string, carryOut: () => Promise<void>) => ({
      carryOut,
      trouble: new LogOnce((error) => options.log(`cannot ${what}`, { error })),
    });
    this.#duties = [
      duty('bring the schedules of experiments in line with the record', () => this.#alignSchedules()),
      duty('start runs of experiments that have no workflow', () => this.#startLost()),
      duty('stop runs of experiments that were deleted', () => this.#stopDeleted()),
      duty('tell runs of experiments what is asked of them', () => this.#tell()),
      duty('extend leases as far as their runs', () => this.#alignLeases()),
      duty('forget results of experiments', () => this.#forget()),
      duty('forget changes of experiments', () => this.#forgetChanges()),
      duty('forget previews that are over', () => this.#forgetPreviews()),
    ];
    this.#looks = new RepeatedLook(() => this.#look(), { everyMs: options.everyMs ?? LOOK_MS, firstMs: 0 });
  }

  static watch(options: ExperimentWatchOptions): ExperimentWatch {
    return new ExperimentWatch(options);
  }

  /** What one duty fails with, Temporal or the store being down for it, keeps no other from being done. */
  async #look(): Promise<void> {
    for (const { carryOut, trouble } of this.#duties) {
      if (this.#isOver) return;
      await trouble.attempt(carryOut);
    }
  }

  async #alignSchedules(): Promise<void> {
    const { experiments } = this.#options.experiments;
    const found = await this.#listSchedules();
    const now = new Date();
    const unknown = new Map(found);
    for (const record of await experiments.list()) {
      const id = experimentIds.schedule(record.spec.experiment);
      if (!isScheduled(record, now)) continue;
      unknown.delete(id);
      const state = found.get(id);
      if (!state || !isCurrent(state, record)) await this.#align(id, record.spec.experiment);
    }
    for (const id of unknown.keys()) await this.#align(id, parseScheduleId(id));
  }

  /** As Temporal's list has them, which may be late. */
  async #listSchedules(): Promise<Map<string, ScheduleState>> {
    const found = new Map<string, ScheduleState>();
    for await (const { scheduleId, state } of this.#options.client.schedule.list()) {
      if (scheduleId.startsWith(SCHEDULE_PREFIX)) found.set(scheduleId, state);
    }
    return found;
  }

  /** By the record as it is now: a gateway may have changed it since. */
  async #align(id: string, key: ExperimentKey | undefined): Promise<void> {
    const { client, taskQueue, experiments, log } = this.#options;
    const record = key && (await experiments.experiments.find(key));
    const change = record
      ? await ensureSchedule(client, record, taskQueue)
      : await deleteSchedule(client.schedule.getHandle(id));
    if (change !== 'unchanged') log(`a schedule was not as recorded; it is ${change}`, { schedule: id });
  }

  /** Of those that somebody asked for; those of schedules are begun by their workflows. */
  async #startLost(): Promise<void> {
    const { experiments, startMs = START_MS } = this.#options;
    const before = Date.now() - startMs;
    for (const run of await experiments.runs.open()) {
      const isAsked = !run.workflowId.startsWith(`${experimentIds.scheduled(run.status.experiment)}-`);
      const isOld = Date.parse(run.status.startedAt) <= before;
      if (isAsked && isOld && run.firstRunId === undefined) await this.#start(run);
    }
  }

  async #start({ status, workflowId }: RunRecord): Promise<void> {
    const { client, taskQueue, log } = this.#options;
    const start = buildRunStart(status.experiment, workflowId, taskQueue);
    if (await startOnce(client, EXPERIMENT_WORKFLOW, start))
      log('a run of an experiment had no workflow; it begins', { run: formatRunName(status) });
  }

  async #stopDeleted(): Promise<void> {
    const { experiments, runs } = this.#options.experiments;
    for (const { status, stop } of await runs.open()) {
      if (stop) continue;
      const record = await experiments.find(status.experiment);
      if (record?.deletedAt === undefined) continue;
      const reason = `${formatExperimentId(status.experiment)} was deleted at ${record.deletedAt}`;
      await runs.ask(status, { stop: { by: 'supplant', reason, outcome: 'stopped' } });
    }
  }

  /**
   * Of those that are to end, once by each worker, and only where they have not begun to by the second look: whoever asked
   * has most likely told them. A later deadline needs no telling: a run reads it before it keeps to its own.
   */
  async #tell(): Promise<void> {
    const { experiments, client } = this.#options;
    const open = await experiments.runs.open();
    const stopping = open.filter(({ stop, status }) => stop && status.phase !== 'destroy');
    const ids = new Set(stopping.map(({ workflowId }) => workflowId));
    for (const id of this.#stopping.keys()) if (!ids.has(id)) this.#stopping.delete(id);
    for (const id of ids) {
      if (this.#stopping.get(id) === 'seen') {
        await signalRun(client, id);
        this.#stopping.set(id, 'told');
      } else if (!this.#stopping.has(id)) this.#stopping.set(id, 'seen');
    }
  }

  /** A run that was extended while it took its leases has taken them for too short. */
  async #alignLeases(): Promise<void> {
    const { runs, leases } = this.#options.experiments;
    const taken = await leases.list();
    for (const { status } of await runs.open()) {
      const own = taken.filter(({ run }) => formatRunName(run) === formatRunName(status));
      if (own.some(({ deadlineAt }) => deadlineAt < status.deadlineAt)) await leases.extend(status, status.deadlineAt);
    }
  }

  async #forget(): Promise<void> {
    const { experiments, log } = this.#options;
    const runs = await experiments.results.prune(new Date().toISOString());
    if (runs > 0) log('results of experiments were kept long enough; they are gone', { runs });
  }

  /** A repeat comes soon, or never. */
  async #forgetChanges(): Promise<void> {
    await this.#options.experiments.changes.prune(new Date(Date.now() - CHANGES_KEPT_MS).toISOString());
  }

  /** One that nobody has renewed for so long is of a branch that is gone. */
  async #forgetPreviews(): Promise<void> {
    const { experiments, audit, log } = this.#options;
    for (const preview of await findForgottenPreviews(experiments, new Date())) {
      await forgetPreview(experiments, audit, preview);
      log('a preview was over for long enough; it is forgotten', { preview: formatExperimentId(preview.experiment) });
    }
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#looks[Symbol.dispose]();
  }
}

/** Has a run read its record. One that is not there, or over, needs none of it. */
export async function signalRun(client: Client, workflowId: string): Promise<void> {
  await ifThere(client.workflow.getHandle(workflowId).signal(runChangedSignal));
}
