import type { Kysely } from 'kysely';
import { countStacks } from '../../domain/experiment/drill/drill.ts';
import type { ExperimentKey } from '../../domain/experiment/experiment.ts';
import { RUN_PHASES, type RunPlan, type RunRef, type RunStatus } from '../../domain/experiment/run.ts';
import { toExperimentColumns, toRunColumns } from './columns.ts';
import type { RunLog, RunRecord, RunStart } from './stores.ts';
import type { ExperimentTables, RunRow } from './tables.ts';

const LIST_LIMIT = 100;

/** Carries out work in a transaction that excludes every other writer. */
export type Exclusively = <T>(work: (db: Kysely<ExperimentTables>) => Promise<T>) => Promise<T>;

/** The runs over any database Kysely speaks to. */
export class KyselyRunLog implements RunLog {
  readonly #db: Kysely<ExperimentTables>;
  readonly #exclusively: Exclusively;

  constructor(db: Kysely<ExperimentTables>, exclusively: Exclusively) {
    this.#db = db;
    this.#exclusively = exclusively;
  }

  async begin(start: RunStart): Promise<RunRecord> {
    const { experiment, workflowId, firstRunId } = start;
    return this.#exclusively(async (db) => {
      const found = await findByWorkflow(db, workflowId);
      if (found) {
        if (firstRunId === undefined || found.first_run_id !== null) return recordOf(found);
        await db
          .updateTable('experiment_runs')
          .set({ first_run_id: firstRunId })
          .where('workflow_id', '=', workflowId)
          .execute();
        return recordOf({ ...found, first_run_id: firstRunId });
      }
      const last = await db
        .selectFrom('experiment_runs')
        .select(({ fn }) => fn.max<number | null>('run').as('run'))
        .where((is) => is.and(toExperimentColumns(experiment)))
        .executeTakeFirst();
      const row = startRow(start, (last?.run ?? 0) + 1);
      await db.insertInto('experiment_runs').values(row).execute();
      return recordOf(row);
    });
  }

  async save(status: RunStatus): Promise<void> {
    const { outcome = null, endedAt = null } = status;
    await this.#db
      .updateTable('experiment_runs')
      .set({ status: JSON.stringify(status), outcome, ended_at: endedAt })
      .where((is) => is.and({ ...toExperimentColumns(status.experiment), run: status.run }))
      .where('outcome', 'is', null)
      .execute();
  }

  async ask(
    ref: RunRef,
    { stop, deadlineAt }: Pick<RunRecord, 'stop'> & { deadlineAt?: string },
  ): Promise<RunRecord | undefined> {
    const change = this.#db.updateTable('experiment_runs').where((is) => is.and(toRunColumns(ref)));
    const open = change.where('outcome', 'is', null);
    if (stop)
      await open
        .set({ stop: JSON.stringify(stop) })
        .where('stop', 'is', null)
        .execute();
    if (deadlineAt !== undefined) {
      await open.set({ deadline_at: deadlineAt }).where('deadline_at', '<', deadlineAt).execute();
    }
    return this.find(ref);
  }

  async plan(ref: RunRef, plan: RunPlan): Promise<RunRecord | undefined> {
    await this.#db
      .updateTable('experiment_runs')
      .set({ plan: JSON.stringify(plan), stacks: countStacks(plan) })
      .where((is) => is.and(toRunColumns(ref)))
      .where('plan', 'is', null)
      .execute();
    return this.find(ref);
  }

  async find(ref: RunRef): Promise<RunRecord | undefined> {
    const row = await this.#db
      .selectFrom('experiment_runs')
      .selectAll()
      .where((is) => is.and(toRunColumns(ref)))
      .executeTakeFirst();
    return row && recordOf(row);
  }

  async ofWorkflow(workflowId: string): Promise<RunRecord | undefined> {
    const row = await findByWorkflow(this.#db, workflowId);
    return row && recordOf(row);
  }

  async list(key: ExperimentKey, { below, limit = LIST_LIMIT }: { below?: number; limit?: number } = {}) {
    const all = this.#db.selectFrom('experiment_runs').selectAll();
    const ofKey = all.where((is) => is.and(toExperimentColumns(key))).orderBy('run', 'desc');
    const page = below === undefined ? ofKey : ofKey.where('run', '<', below);
    return (await page.limit(limit).execute()).map(recordOf);
  }

  async open(key?: ExperimentKey): Promise<RunRecord[]> {
    const open = this.#db.selectFrom('experiment_runs').selectAll().where('outcome', 'is', null);
    const chosen = key ? open.where((is) => is.and(toExperimentColumns(key))) : open;
    const rows = await chosen
      .orderBy('started_at')
      .orderBy('experiment')
      .orderBy('environment')
      .orderBy('run')
      .execute();
    return rows.map(recordOf);
  }

  async since(key: ExperimentKey, time: string): Promise<RunRecord[]> {
    const rows = await this.#db
      .selectFrom('experiment_runs')
      .selectAll()
      .where((is) => is.and(toExperimentColumns(key)))
      .where((is) => is.or([is('ended_at', 'is', null), is('ended_at', '>=', time)]))
      .orderBy('run')
      .execute();
    return rows.map(recordOf);
  }
}

async function findByWorkflow(db: Kysely<ExperimentTables>, workflowId: string): Promise<RunRow | undefined> {
  return db.selectFrom('experiment_runs').selectAll().where('workflow_id', '=', workflowId).executeTakeFirst();
}

function startRow(start: RunStart, run: number): RunRow {
  const { experiment, workflowId, firstRunId = null, trigger, actor, reason, at, deadlineAt, stacks } = start;
  const status: RunStatus = {
    ...{ experiment, run, trigger, actor },
    ...(reason === undefined ? {} : { reason }),
    startedAt: at,
    deadlineAt,
    phase: 'lease',
    phases: RUN_PHASES.map((phase) => ({ phase, state: 'pending' })),
    variants: [],
  };
  return {
    ...toRunColumns({ experiment, run }),
    workflow_id: workflowId,
    first_run_id: firstRunId,
    status: JSON.stringify(status),
    started_at: at,
    deadline_at: deadlineAt,
    ended_at: null,
    outcome: null,
    stacks,
    stop: null,
    plan: null,
  };
}

function recordOf(row: RunRow): RunRecord {
  const status = JSON.parse(row.status) as RunStatus;
  return {
    status: { ...status, deadlineAt: row.deadline_at },
    workflowId: row.workflow_id,
    ...(row.first_run_id === null ? {} : { firstRunId: row.first_run_id }),
    stacks: row.stacks,
    ...(row.stop === null ? {} : { stop: JSON.parse(row.stop) as NonNullable<RunRecord['stop']> }),
    ...(row.plan === null ? {} : { plan: JSON.parse(row.plan) as RunPlan }),
  };
}
