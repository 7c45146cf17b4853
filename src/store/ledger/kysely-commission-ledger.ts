import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { BoundStack, Commission, CommissionLedger } from '../../stacks/pulumi/lock/ledger.ts';
import type { CommissionRow, LedgerTables } from './tables.ts';

type StackId = Pick<BoundStack, 'project' | 'stack'>;
type StackInput = NonNullable<Commission['made']>;

/** What stacks are made from, over any database Kysely speaks to. */
export class KyselyCommissionLedger implements CommissionLedger {
  readonly #db: Kysely<LedgerTables>;
  readonly #now: RawBuilder<number>;

  /** @param clockMs the time as the database has it, in milliseconds since 1970 */
  constructor(db: Kysely<LedgerTables>, clockMs: RawBuilder<number>) {
    this.#db = db;
    this.#now = clockMs;
  }

  async commission(
    id: StackId,
    { digest, input, host }: { digest: string; input: StackInput; host?: string },
  ): Promise<Commission> {
    const { project, stack } = id;
    const row = await this.#db
      .insertInto('commissions')
      .values({
        ...{ project, stack, input: digest, provisioned: 0, made: JSON.stringify(input) },
        ...{ host: host ?? null, forgotten_at: null },
      })
      // Changes nothing, for what is there to be returned.
      .onConflict((conflict) =>
        conflict.columns(['project', 'stack']).doUpdateSet({ input: sql<string>`commissions.input` }),
      )
      .returningAll()
      .executeTakeFirstOrThrow();
    return commissionOf(row);
  }

  async find({ project, stack }: StackId): Promise<Commission | undefined> {
    const row = await this.#db
      .selectFrom('commissions')
      .selectAll()
      .where((is) => is.and({ project, stack }))
      .executeTakeFirst();
    return row && commissionOf(row);
  }

  async findHost(id: StackId): Promise<string | undefined> {
    return (await this.find(id))?.host;
  }

  async setDelivered({ project, stack }: StackId, isDelivered: boolean): Promise<void> {
    await this.#db
      .updateTable('commissions')
      .set({ provisioned: isDelivered ? 1 : 0 })
      .where((is) => is.and({ project, stack }))
      .execute();
  }

  async forget({ project, stack }: StackId): Promise<void> {
    await this.#db
      .deleteFrom('commissions')
      .where((is) => is.and({ project, stack }))
      .execute();
  }

  async listBound(): Promise<BoundStack[]> {
    const rows = await this.#db
      .selectFrom('commissions')
      .select(['project', 'stack', 'host'])
      .where('host', 'is not', null)
      .where('forgotten_at', 'is', null)
      .orderBy('host')
      .orderBy('project')
      .orderBy('stack')
      .execute();
    return rows.map(({ project, stack, host }) => ({ project, stack, host: host ?? '' }));
  }

  async unbind(host: string): Promise<void> {
    await this.#db
      .updateTable('commissions')
      .set({ forgotten_at: this.#now })
      .where('host', '=', host)
      .where('forgotten_at', 'is', null)
      .execute();
  }
}

function commissionOf({ input, provisioned, made, host, forgotten_at: forgottenAt }: CommissionRow): Commission {
  return {
    input,
    provisioned: provisioned === 1,
    ...(made === null ? {} : { made: JSON.parse(made) as StackInput }),
    ...(host === null ? {} : { host }),
    ...(forgottenAt === null ? {} : { forgottenAt }),
  };
}
