import type { Kysely } from 'kysely';
import type { Lease } from '../../domain/experiment/lease.ts';
import type { RunRef } from '../../domain/experiment/run.ts';
import { toRunColumns } from './columns.ts';
import type { LeaseLog } from './stores.ts';
import type { ExperimentTables, LeaseRow } from './tables.ts';

type StackId = Pick<Lease, 'project' | 'stack'>;

/** The leases over any database Kysely speaks to. */
export class KyselyLeaseLog implements LeaseLog {
  readonly #db: Kysely<ExperimentTables>;

  constructor(db: Kysely<ExperimentTables>) {
    this.#db = db;
  }

  async take(leases: readonly Lease[]): Promise<void> {
    if (leases.length === 0) return;
    await this.#db
      .insertInto('leases')
      .values(leases.map(rowOf))
      .onConflict((conflict) => conflict.columns(['project', 'stack']).doNothing())
      .execute();
  }

  async extend(run: RunRef, deadlineAt: string): Promise<void> {
    await this.#db
      .updateTable('leases')
      .set({ deadline_at: deadlineAt })
      .where((is) => is.and(toRunColumns(run)))
      .where('deadline_at', '<', deadlineAt)
      .execute();
  }

  async release({ project, stack }: StackId): Promise<void> {
    await this.#db
      .deleteFrom('leases')
      .where((is) => is.and({ project, stack }))
      .execute();
  }

  async find({ project, stack }: StackId): Promise<Lease | undefined> {
    const row = await this.#db
      .selectFrom('leases')
      .selectAll()
      .where((is) => is.and({ project, stack }))
      .executeTakeFirst();
    return row && leaseOf(row);
  }

  async list(run?: RunRef): Promise<Lease[]> {
    const all = this.#db.selectFrom('leases').selectAll().orderBy('project').orderBy('stack');
    const rows = await (run ? all.where((is) => is.and(toRunColumns(run))) : all).execute();
    return rows.map(leaseOf);
  }
}

function rowOf(lease: Lease): LeaseRow {
  const { project, stack, run, deadlineAt, ...content } = lease;
  return { ...toRunColumns(run), project, stack, deadline_at: deadlineAt, content: JSON.stringify(content) };
}

function leaseOf(row: LeaseRow): Lease {
  const { project, stack, experiment: name, environment, run, deadline_at: deadlineAt } = row;
  const content = JSON.parse(row.content) as Omit<Lease, 'project' | 'stack' | 'run' | 'deadlineAt'>;
  return { ...content, project, stack, run: { experiment: { name, environment }, run }, deadlineAt };
}
