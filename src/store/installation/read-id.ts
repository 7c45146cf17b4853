import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { InstallationTables } from './tables.ts';

const ONLY = 1;

/**
 * The id of the installation that a store is the record of: made by the first who asks, and part of a backup, so that a
 * record that was restored is still the same one.
 */
export async function readInstallationId(db: Kysely<InstallationTables>): Promise<string> {
  const row = db.selectFrom('installation').select('id');
  const known = await row.executeTakeFirst();
  if (known) return known.id;
  await db
    .insertInto('installation')
    .values({ only: ONLY, id: randomUUID() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  // Of two who are the first, both get the one that was kept.
  return (await row.executeTakeFirstOrThrow()).id;
}
