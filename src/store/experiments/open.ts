import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import type { Schema } from '../schema.ts';
import { KyselyExperimentCatalogue } from './kysely-catalogue.ts';
import { KyselyChangeLog } from './kysely-change-log.ts';
import { KyselyLeaseLog } from './kysely-lease-log.ts';
import { KyselyProofLog } from './kysely-proof-log.ts';
import { KyselyResultLog } from './kysely-result-log.ts';
import { KyselyRunLog } from './kysely-run-log.ts';
import type { ExperimentStore } from './stores.ts';
import type { ExperimentTables } from './tables.ts';

/** What is recorded of experiments, in a database that is open. */
export function openExperiments(database: Pick<Database, 'db' | 'exclusively'>): ExperimentStore {
  const db = pickTables(database.db);
  return {
    experiments: new KyselyExperimentCatalogue(db),
    changes: new KyselyChangeLog(db),
    runs: new KyselyRunLog(db, (work) => database.exclusively((transaction) => work(pickTables(transaction)))),
    leases: new KyselyLeaseLog(db),
    results: new KyselyResultLog(db),
    proofs: new KyselyProofLog(db),
  };
}

function pickTables(db: Kysely<Schema>): Kysely<ExperimentTables> {
  return db.$pickTables<keyof ExperimentTables>();
}
