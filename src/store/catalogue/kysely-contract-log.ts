import type { Kysely } from 'kysely';
import type { ContractRecord } from '../../domain/migrations/contract.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { ContractLog } from './contract-log.ts';
import type { CatalogueTables, ContractRow } from './tables.ts';

/** The contract log over any database Kysely speaks to. */
export class KyselyContractLog implements ContractLog {
  readonly #db: Kysely<CatalogueTables>;

  constructor(db: Kysely<CatalogueTables>) {
    this.#db = db;
  }

  async save({ name, environment }: ServiceKey, contract: ContractRecord): Promise<void> {
    const { revision, state } = contract;
    const row = { service: name, environment, revision, state, content: JSON.stringify(contract) };
    await this.#db
      .insertInto('contracts')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['service', 'environment', 'revision'])
          .doUpdateSet(row)
          .where('contracts.state', 'in', ['waiting', 'begun']),
      )
      .execute();
  }

  async list({ name, environment }: ServiceKey): Promise<ContractRecord[]> {
    const rows = await this.#db
      .selectFrom('contracts')
      .selectAll()
      .where((is) => is.and({ service: name, environment }))
      .orderBy('revision')
      .execute();
    return rows.map(contractFromRow);
  }
}

export function contractFromRow({ content }: Pick<ContractRow, 'content'>): ContractRecord {
  return JSON.parse(content) as ContractRecord;
}
