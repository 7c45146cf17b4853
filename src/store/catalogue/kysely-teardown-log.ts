import type { Kysely } from 'kysely';
import type { Quarantine } from '../../domain/rollout/status.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { CatalogueTables } from './tables.ts';
import type { TeardownLog } from './teardown-log.ts';

/** The teardown log over any database Kysely speaks to. */
export class KyselyTeardownLog implements TeardownLog {
  readonly #db: Kysely<CatalogueTables>;

  constructor(db: Kysely<CatalogueTables>) {
    this.#db = db;
  }

  async save(service: ServiceKey, { revision, stack, since, attempts, ...latest }: Quarantine): Promise<void> {
    const row = {
      ...{ service: service.name, environment: service.environment, revision, stack, since, attempts },
      ...{ next_attempt_at: latest.nextAttemptAt, last_error: latest.lastError },
    };
    await this.#db
      .insertInto('teardowns')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['service', 'environment', 'revision'])
          .doUpdateSet(row)
          // A report that comes late must not take the place of the one after it.
          .where('teardowns.attempts', '<=', attempts),
      )
      .execute();
  }

  async forget(service: ServiceKey, revision: number): Promise<void> {
    await this.#db
      .deleteFrom('teardowns')
      .where((is) => is.and({ service: service.name, environment: service.environment, revision }))
      .execute();
  }
}
