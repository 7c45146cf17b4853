import { createHash } from 'node:crypto';
import { findEventFault, GENESIS_HASH } from '../audit/chain.ts';
import type { AuditEvent } from '../audit/store.ts';
import { STEP_NAMES } from '../migrations.ts';
import {
  BackupError,
  type Cell,
  FORMAT,
  type Header,
  isSealed,
  type Row,
  type TableName,
  TABLE_NAMES,
  TABLES,
  type Trailer,
  VERSION,
} from './format.ts';
import { type Line, readLines } from './lines.ts';

/** What a backup holds, one after the other. */
export type Item = { header: Header } | { event: AuditEvent } | { table: TableName; row: Row };

/**
 * Reads a backup and checks all of it on the way: each line, the chain, the counts, and, at its end, the whole. Only who
 * has read it to its end knows that it is sound.
 *
 * @throws BackupError naming the line that is not as it was written, and the way out
 */
export async function* readBackup(file: string): AsyncGenerator<Item> {
  const hash = createHash('sha256');
  const tally = new Tally(file);
  let trailer: Trailer | undefined;
  for await (const line of readLines(file)) {
    if (trailer) throw broken(file, line.number, 'something follows its last line');
    const content = parse(file, line);
    if (line.number === 1) yield { header: tally.begin(content) };
    else if ('sha256' in content) trailer = content as unknown as Trailer;
    else yield tally.take(content, line.number);
    if (!trailer) hash.update(line.bytes).update('\n');
  }
  tally.end(trailer, hash.digest('hex'));
}

function parse(file: string, { bytes, number, whole }: Line): object {
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    content = undefined;
  }
  if (number === 1 && (content as { format?: unknown } | null | undefined)?.format !== FORMAT)
    throw new BackupError(`${file}: line 1 is not that of a backup; name a file that 'supplant backup' wrote`);
  if (!whole) throw broken(file, number, 'the file was cut off in it');
  if (typeof content !== 'object' || content === null) throw broken(file, number, 'it is not JSON');
  if (!('hash' in content) && !isSealed(content)) throw broken(file, number, 'its content is not that of its checksum');
  return content;
}

function broken(file: string, number: number, what: string): BackupError {
  return new BackupError(
    `${file}: line ${number} is not as it was written: ${what}; nothing was restored; use another backup`,
  );
}

/** What has been read so far, against what the header promises. */
class Tally {
  readonly #file: string;
  readonly #rows = Object.fromEntries(TABLE_NAMES.map((name) => [name, 0])) as Header['rows'];
  #header: Header | undefined;
  #last: AuditEvent | undefined;
  #lines = 0;

  constructor(file: string) {
    this.#file = file;
  }

  begin(content: object): Header {
    const header = content as Header;
    if (header.version > VERSION || !STEP_NAMES.includes(header.schema)) {
      throw new BackupError(
        `${this.#file}: it was written by a newer Supplant (format ${header.version}, schema step ${header.schema}); use that ` +
          'version or a newer one',
      );
    }
    this.#header = header;
    this.#lines = 1;
    return header;
  }

  take(content: object, number: number): Item {
    this.#lines += 1;
    if ('hash' in content) return { event: this.#event(content as AuditEvent, number) };
    const { table, row } = content as { table?: TableName; row?: Row };
    if (table === undefined || row === undefined || !isRow(table, row)) {
      throw broken(this.#file, number, 'it is neither an event nor a row of the catalogue');
    }
    this.#rows[table] += 1;
    return { table, row };
  }

  #event(event: AuditEvent, number: number): AuditEvent {
    const { seq, hash } = this.#last ?? { seq: 0, hash: GENESIS_HASH };
    const fault = findEventFault(event, seq + 1, hash);
    if (fault !== undefined) throw broken(this.#file, number, fault);
    this.#last = event;
    return event;
  }

  end(trailer: Trailer | undefined, sha256: string): void {
    const file = this.#file;
    if (!this.#header) throw new BackupError(`${file}: it is empty; use another backup`);
    if (!trailer) throw broken(file, this.#lines + 1, 'it is missing: the file was cut off there');
    const { events, head } = this.#header;
    // One of an earlier schema counts fewer tables.
    const rows: Partial<Header['rows']> = this.#header.rows;
    const promised = [events, head, ...TABLE_NAMES.map((name) => rows[name] ?? 0)];
    const found = [
      this.#last?.seq ?? 0,
      this.#last?.hash ?? GENESIS_HASH,
      ...TABLE_NAMES.map((name) => this.#rows[name]),
    ];
    if (trailer.sha256 !== sha256 || trailer.lines !== this.#lines || promised.join() !== found.join()) {
      throw broken(
        file,
        this.#lines + 1,
        'it does not vouch for the lines before: some are missing, or stand elsewhere',
      );
    }
  }
}

function isRow(table: string, row: object): boolean {
  if (!Object.hasOwn(TABLES, table)) return false;
  const { columns, key } = TABLES[table as TableName];
  const cells = Object.entries(row as Record<string, unknown>);
  const isCell = (value: unknown): value is Cell => value === null || ['string', 'number'].includes(typeof value);
  return (
    cells.every(([name, value]) => Object.hasOwn(columns, name) && isCell(value)) &&
    key.every((name) => Object.hasOwn(row, name))
  );
}
