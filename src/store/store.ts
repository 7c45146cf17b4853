import type { Transaction } from 'kysely';
import type { AtOnce, StoreParts } from './at-once.ts';
import { KyselyAuditStore } from './audit/kysely-store.ts';
import type { AuditStore } from './audit/store.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import { KyselyCatalogue } from './catalogue/kysely-catalogue.ts';
import type { Database, OpenOptions } from './database.ts';
import { KyselyChangeStopLog } from './change-stops/kysely-change-stop-log.ts';
import type { ChangeStopLog } from './change-stops/log.ts';
import { KyselyDriftLog } from './drift/kysely-drift-log.ts';
import type { DriftLog } from './drift/log.ts';
import { openExperiments } from './experiments/open.ts';
import type { ExperimentStore } from './experiments/stores.ts';
import { KyselyHostRegistry } from './hosts/kysely-registry.ts';
import type { HostRegistry } from './hosts/registry.ts';
import { readInstallationId } from './installation/read-id.ts';
import { openLedger } from './ledger/open.ts';
import { parsePlace } from './place.ts';
import { KyselyReaperLog } from './reaper/kysely-reaper-log.ts';
import type { ReaperLog } from './reaper/log.ts';
import { openPostgres } from './postgres/database.ts';
import type { StackLedger } from '../stacks/pulumi/lock/ledger.ts';
import type { Schema } from './schema.ts';
import { openSqlite } from './sqlite/database.ts';

/**
 * Audit log, catalogue, experiments, drift, hosts, the drivers' ledger and what the reaper remembers in one database; closing
 * the audit log closes it, as closing this does.
 */
export interface Store {
  audit: AuditStore;
  catalogue: Catalogue;
  experiments: ExperimentStore;
  reaper: ReaperLog;
  drift: DriftLog;
  hosts: HostRegistry;
  stops: ChangeStopLog;
  ledger: StackLedger;
  /** See {@link readInstallationId}. */
  readonly installation: () => Promise<string>;
  readonly atOnce: AtOnce;
  close: () => Promise<void>;
}

/**
 * Opens the store at `place`, a path or a `postgres://` URL, which several processes may have open at once. Creates what
 * is missing: a file and its folder, or the schema `supplant` in a database that is there.
 *
 * @throws AuditUnavailableError saying what to do, when it cannot be used; what is not ours, not sound or newer than this
 *   program is left as it is
 */
export async function openStore(place: string, options: OpenOptions = {}): Promise<Store> {
  const database = await openDatabase(place, options);
  const close = (): Promise<void> => database.close();
  const audit = new KyselyAuditStore(
    database.db.$pickTables<'audit_events'>(),
    (work) => database.exclusively((transaction) => work(transaction.$pickTables<'audit_events'>())),
    close,
  );
  const catalogue = new KyselyCatalogue(database.db.$pickTables<CatalogueTable>());
  const atOnce: AtOnce = (write) => database.exclusively((transaction) => write(partsOf(transaction)));
  const reaper = new KyselyReaperLog(database.db.$pickTables<'reaper_notes' | 'reaper_looks' | 'reaper_requests'>());
  const drift = new KyselyDriftLog(database.db.$pickTables<'drift_records'>());
  const hosts = new KyselyHostRegistry(database);
  const stops = new KyselyChangeStopLog(database.db.$pickTables<'change_stops'>());
  const ledger = openLedger(database, parsePlace(place));
  const installation = (): Promise<string> => readInstallationId(database.db.$pickTables<'installation'>());
  const logs = { audit, catalogue, experiments: openExperiments(database), reaper, drift, hosts, stops };
  return { ...logs, ledger, installation, atOnce, close };
}

type CatalogueTable = 'services' | 'revisions' | 'rollouts' | 'requests' | 'commands' | 'teardowns';

function partsOf(transaction: Transaction<Schema>): StoreParts {
  const events = transaction.$pickTables<'audit_events'>();
  return {
    // The transaction is there already, and is not to be closed from within.
    audit: new KyselyAuditStore(
      events,
      (work) => work(events),
      async () => undefined,
    ),
    catalogue: new KyselyCatalogue(transaction.$pickTables<CatalogueTable>()),
  };
}

/** {@inheritDoc openStore} */
export async function openDatabase(place: string, options: OpenOptions = {}): Promise<Database> {
  const parsed = parsePlace(place);
  return parsed.kind === 'sqlite' ? openSqlite(parsed.path, options) : openPostgres(parsed.url, options);
}
