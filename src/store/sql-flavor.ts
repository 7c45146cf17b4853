import type { CreateTableBuilder, Kysely, RawBuilder } from 'kysely';

type DataType = Parameters<CreateTableBuilder<string>['addColumn']>[1];

/** What the databases say differently. */
export interface SqlFlavor {
  /** Any number that JavaScript can count to. */
  wholeNumber: DataType;
  /** Text that is compared byte by byte, so that lists have one order everywhere. */
  text: DataType;
  /** The time as the database has it, in whole milliseconds since 1970. */
  clockMs: RawBuilder<number>;
  /** After the last column of a table. */
  tableEnd?: RawBuilder<unknown>;
  /** Triggers that let rows be added to `audit_events` at its end, and nothing else. */
  forbidAllButAppending: (db: Kysely<unknown>) => Promise<void>;
}

/** The table as the database wants it to end. */
export function endTable<T extends CreateTableBuilder<string, string>>(table: T, { tableEnd }: SqlFlavor): T {
  return tableEnd === undefined ? table : (table.modifyEnd(tableEnd) as T);
}
