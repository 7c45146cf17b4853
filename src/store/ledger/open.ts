import { locateModule } from '../../host/module-path.ts';
import type { LeaseAccess, StackLedger } from '../../stacks/pulumi/lock/ledger.ts';
import type { Database } from '../database.ts';
import type { StorePlace } from '../place.ts';
import { KyselyCommissionLedger } from './kysely-commission-ledger.ts';
import { KyselyOperationLedger } from './kysely-operation-ledger.ts';

/** The drivers' ledger, in a database that is open at a place. */
export function openLedger(database: Pick<Database, 'unsynced' | 'clockMs'>, place: StorePlace): StackLedger {
  const db = database.unsynced.$pickTables<'operations' | 'commissions'>();
  const { clockMs } = database;
  return {
    operations: new KyselyOperationLedger(db, clockMs, locateLeases(place)),
    commissions: new KyselyCommissionLedger(db, clockMs),
  };
}

/** A file is on one machine. */
function locateLeases(place: StorePlace): LeaseAccess | undefined {
  if (place.kind === 'sqlite') return undefined;
  return { module: locateModule('./postgres-leases', import.meta.url), place: place.url };
}
