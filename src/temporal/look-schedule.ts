import { isDeepStrictEqual } from 'node:util';
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { driftIds } from '../domain/drift/ids.ts';
import { reaperIds } from '../domain/reaper/ids.ts';
import { WORKFLOW_TASK_TIMEOUT } from '../domain/task-queues.ts';
import { LogOnce } from './log-once.ts';
import { RepeatedLook } from './repeated-look.ts';

/** Between two looks whether the schedule is as it is to be, in milliseconds. */
const LOOK_MS = 30_000;

/** A look that nobody could take for so long is none any more: Temporal's least. */
const CATCH_UP = '10s';

/** A workflow that looks again and again. */
export interface Look {
  /** Of the schedule. */
  schedule: string;
  workflowType: string;
  /** What the schedule makes the ids of looks from, with the time behind it. */
  workflowId: string;
  /** For people, in Temporal's UI. */
  summary: string;
  /** Whose schedule it is, for the log: `the reaper`. */
  owner: string;
}

export const REAPER_LOOK: Look = {
  schedule: reaperIds.schedule,
  workflowType: 'reaper',
  workflowId: reaperIds.look,
  summary: 'look for stacks that nobody owns',
  owner: 'the reaper',
};

export const DRIFT_LOOK: Look = {
  schedule: driftIds.schedule,
  workflowType: 'drift',
  workflowId: driftIds.look,
  summary: 'look for stacks that are not as they were made',
  owner: 'looks for drift',
};

export interface LookScheduleOptions {
  client: Client;
  taskQueue: string;
  look: Look;
  /** What each of its looks carries, for those who read the schedule. */
  memo?: Record<string, string>;
  /** Between two looks, in milliseconds; never where it is undefined. */
  everyMs: number | undefined;
  log: (message: string, details: Record<string, unknown>) => void;
}

/**
 * Sees to it that what looks again and again has its schedule, whoever deletes or changes that, or has none where none is
 * wanted. One that somebody has paused stays so: reports say it.
 */
export class LookSchedule implements Disposable {
  readonly #options: LookScheduleOptions;
  readonly #looks: RepeatedLook;

  private constructor(options: LookScheduleOptions, lookMs: number) {
    this.#options = options;
    const trouble = new LogOnce((error) =>
      options.log(`cannot see to the schedule of ${options.look.owner}`, { error }),
    );
    this.#looks = new RepeatedLook(() => trouble.attempt(() => this.#look()), { everyMs: lookMs, firstMs: 0 });
  }

  static watch(options: LookScheduleOptions, lookMs = LOOK_MS): LookSchedule {
    return new LookSchedule(options, lookMs);
  }

  async #look(): Promise<void> {
    const { everyMs } = this.#options;
    await (everyMs === undefined ? this.#remove() : this.#ensure(everyMs));
  }

  async #remove(): Promise<void> {
    const { client, look } = this.#options;
    try {
      await client.schedule.getHandle(look.schedule).delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
  }

  async #ensure(everyMs: number): Promise<void> {
    const { client, look, log } = this.#options;
    const wanted = this.#wanted(everyMs);
    const handle = client.schedule.getHandle(look.schedule);
    try {
      if (isAsWanted(await handle.describe(), this.#options)) return;
      await handle.update(({ state }) => ({ ...wanted, state }));
      log(`the schedule of ${look.owner} was not as it is to be`, { schedule: look.schedule });
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      await client.schedule.create({ scheduleId: look.schedule, ...wanted }).catch((late: unknown) => {
        // Another worker was faster.
        if (!(late instanceof ScheduleAlreadyRunning)) throw late;
      });
    }
  }

  #wanted(everyMs: number) {
    const { taskQueue, look, memo } = this.#options;
    return {
      spec: { intervals: [{ every: everyMs }] },
      action: {
        type: 'startWorkflow' as const,
        workflowType: look.workflowType,
        workflowId: look.workflowId,
        taskQueue,
        args: [],
        workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
        staticSummary: look.summary,
        ...(memo === undefined ? {} : { memo }),
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP },
    };
  }

  [Symbol.dispose](): void {
    this.#looks[Symbol.dispose]();
  }
}

function isAsWanted(
  { spec, action, policies }: ScheduleDescription,
  { taskQueue, look, everyMs, memo }: LookScheduleOptions,
): boolean {
  const [interval, ...more] = spec.intervals ?? [];
  return (
    interval?.every === everyMs &&
    more.length === 0 &&
    action.workflowType === look.workflowType &&
    action.workflowId === look.workflowId &&
    action.taskQueue === taskQueue &&
    (memo === undefined || isDeepStrictEqual(action.memo, memo)) &&
    policies.overlap === ScheduleOverlapPolicy.SKIP
  );
}
