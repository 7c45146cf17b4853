import type { Kysely } from 'kysely';
import type { Command } from '../../domain/service/requests.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { CommandLog } from './command-log.ts';
import type { CatalogueTables } from './tables.ts';

/** The command log over any database Kysely speaks to. */
export class KyselyCommandLog implements CommandLog {
  readonly #db: Kysely<CatalogueTables>;

  constructor(db: Kysely<CatalogueTables>) {
    this.#db = db;
  }

  async save({ id, service, at, asked, change }: Command): Promise<void> {
    const key = { service: service.name, environment: service.environment, id };
    await this.#db
      .insertInto('commands')
      .values({ ...key, at, content: JSON.stringify({ asked, change }) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async find(service: ServiceKey, id: string): Promise<Command | undefined> {
    const row = await this.#db
      .selectFrom('commands')
      .selectAll()
      .where((is) => is.and({ service: service.name, environment: service.environment, id }))
      .executeTakeFirst();
    return row && { id, service, at: row.at, ...(JSON.parse(row.content) as Pick<Command, 'asked' | 'change'>) };
  }

  async prune(before: string): Promise<void> {
    await this.#db.deleteFrom('commands').where('at', '<', before).execute();
  }
}
