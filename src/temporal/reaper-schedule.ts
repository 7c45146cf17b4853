import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { reaperIds } from '../domain/reaper/ids.ts';
import { WORKFLOW_TASK_TIMEOUT } from '../domain/task-queues.ts';
import { LogOnce } from './log-once.ts';
import { RepeatedLook } from './repeated-look.ts';

/** Between two looks whether the schedule is as it is to be, in milliseconds. */
const LOOK_MS = 30_000;

/** A look that nobody could take for so long is none any more: Temporal's least. */
const CATCH_UP = '10s';

export interface ReaperScheduleOptions {
  client: Client;
  taskQueue: string;
  /** Between two looks of the reaper, in milliseconds. */
  everyMs: number;
  log: (message: string, details: Record<string, unknown>) => void;
}

/**
 * Sees to it that the reaper has its schedule, whoever deletes or changes that. One that somebody has paused stays so: reports
 * say it.
 */
export class ReaperSchedule implements Disposable {
  readonly #options: ReaperScheduleOptions;
  readonly #trouble: LogOnce;
  readonly #looks: RepeatedLook;

  private constructor(options: ReaperScheduleOptions, lookMs: number) {
    this.#options = options;
    this.#trouble = new LogOnce((error) => options.log('cannot see to the schedule of the reaper', { error }));
    this.#looks = new RepeatedLook(() => this.#look(), { everyMs: lookMs, firstMs: 0 });
  }

  static watch(options: ReaperScheduleOptions, lookMs = LOOK_MS): ReaperSchedule {
    return new ReaperSchedule(options, lookMs);
  }

  async #look(): Promise<void> {
    try {
      await this.#ensure();
      this.#trouble.over();
    } catch (error) {
      this.#trouble.met(error);
    }
  }

  async #ensure(): Promise<void> {
    const { client, log } = this.#options;
    const wanted = this.#wanted();
    const handle = client.schedule.getHandle(reaperIds.schedule);
    try {
      if (isAsWanted(await handle.describe(), this.#options)) return;
      await handle.update(({ state }) => ({ ...wanted, state }));
      log('the schedule of the reaper was not as it is to be', { schedule: reaperIds.schedule });
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      await client.schedule.create({ scheduleId: reaperIds.schedule, ...wanted }).catch((late: unknown) => {
        // Another worker was faster.
        if (!(late instanceof ScheduleAlreadyRunning)) throw late;
      });
    }
  }

  #wanted() {
    const { taskQueue, everyMs } = this.#options;
    return {
      spec: { intervals: [{ every: everyMs }] },
      action: {
        type: 'startWorkflow' as const,
        workflowType: 'reaper',
        workflowId: reaperIds.look,
        taskQueue,
        args: [],
        workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
        staticSummary: 'look for stacks that nobody owns',
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
  { taskQueue, everyMs }: ReaperScheduleOptions,
): boolean {
  const [interval, ...more] = spec.intervals ?? [];
  return (
    interval?.every === everyMs &&
    more.length === 0 &&
    action.workflowType === 'reaper' &&
    action.workflowId === reaperIds.look &&
    action.taskQueue === taskQueue &&
    policies.overlap === ScheduleOverlapPolicy.SKIP
  );
}
