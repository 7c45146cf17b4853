import type { AuditTables } from './audit/table.ts';
import type { CatalogueTables } from './catalogue/tables.ts';
import type { ChangeStopTables } from './change-stops/tables.ts';
import type { DriftTables } from './drift/tables.ts';
import type { ExperimentTables } from './experiments/tables.ts';
import type { HostTables } from './hosts/tables.ts';
import type { InstallationTables } from './installation/tables.ts';
import type { LedgerTables } from './ledger/tables.ts';
import type { ReaperTables } from './reaper/tables.ts';

/** Every table of Supplant's own database. */
export interface Schema
  extends
    AuditTables,
    CatalogueTables,
    ChangeStopTables,
    DriftTables,
    ExperimentTables,
    HostTables,
    InstallationTables,
    LedgerTables,
    ReaperTables {}
