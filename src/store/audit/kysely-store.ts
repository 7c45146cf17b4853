import type { Kysely, Transaction } from 'kysely';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { chainEvent, type UnreadableLine, verifyChain } from './chain.ts';
import { normalizeEntry, matchRepeat } from './entry.ts';
import {
  type AuditEntry,
  type AuditEvent,
  type AuditQuery,
  type AuditStore,
  AuditUnavailableError,
  type ChainVerdict,
} from './store.ts';
import { type AuditRow, type AuditTables, toLine, toRow } from './table.ts';

const VERIFY_PAGE = 500;
const LIST_LIMIT = 1000;

/**
 * Carries out `work` in one transaction that excludes other writers from its first statement on: else two of them could
 * give the same number to different events. May carry it out again when the outcome is unknown.
 */
type Exclusively = <T>(work: (transaction: Transaction<AuditTables>) => Promise<T>) => Promise<T>;

/** The audit store over any database Kysely speaks to. */
export class KyselyAuditStore implements AuditStore {
  readonly #db: Kysely<AuditTables>;
  readonly #exclusively: Exclusively;
  readonly #close: () => Promise<void>;

  constructor(db: Kysely<AuditTables>, exclusively: Exclusively, close: () => Promise<void>) {
    this.#db = db;
    this.#exclusively = exclusively;
    this.#close = close;
  }

  async append(entry: AuditEntry): Promise<AuditEvent> {
    const content = normalizeEntry(entry);
    return this.#exclusively(async (transaction) => {
      const stored = await rowWithKey(transaction, content.key);
      return stored ? matchRepeat(readable(toLine(stored)), content) : await insert(transaction, content);
    });
  }

  async list(query: AuditQuery = {}): Promise<AuditEvent[]> {
    const { afterSeq, subject, rollout, limit = LIST_LIMIT } = query;
    if (!Number.isSafeInteger(limit) || limit < 1)
      throw new RangeError(`limit ${limit} is not a positive whole number`);
    let select = this.#db.selectFrom('audit_events').selectAll().orderBy('seq').limit(limit);
    if (afterSeq !== undefined) select = select.where('seq', '>', afterSeq);
    if (subject !== undefined) select = select.where('subject', '=', subject);
    if (rollout !== undefined) select = select.where('rollout', '=', rollout);
    return (await select.execute()).map((row) => readable(toLine(row)));
  }

  verify(notedHead?: string): Promise<ChainVerdict> {
    return verifyChain(this.#lines(), notedHead);
  }

  close(): Promise<void> {
    return this.#close();
  }

  async *#lines(): AsyncGenerator<AuditEvent | UnreadableLine> {
    const oldestFirst = this.#db.selectFrom('audit_events').selectAll().orderBy('seq').limit(VERIFY_PAGE);
    // Not from 0: a line smuggled in before the first one has to be seen.
    let afterSeq = Number.MIN_SAFE_INTEGER;
    for (;;) {
      const page = await oldestFirst.where('seq', '>', afterSeq).execute();
      yield* page.map(toLine);
      const last = page.at(-1);
      if (last === undefined) return;
      afterSeq = last.seq;
    }
  }
}

function rowWithKey(transaction: Transaction<AuditTables>, key: string): Promise<AuditRow | undefined> {
  return transaction.selectFrom('audit_events').selectAll().where('key', '=', key).executeTakeFirst();
}

async function insert(transaction: Transaction<AuditTables>, entry: AuditEntry): Promise<AuditEvent> {
  const newestFirst = transaction.selectFrom('audit_events').select(['seq', 'hash']).orderBy('seq', 'desc');
  const event = chainEvent(await newestFirst.limit(1).executeTakeFirst(), entry, new Date());
  await transaction
    .insertInto('audit_events')
    .values(toRow(event, canonicalJson(event.data)))
    .execute();
  return event;
}

function readable(line: AuditEvent | UnreadableLine): AuditEvent {
  if (!('unreadable' in line)) return line;
  throw new AuditUnavailableError(`${line.unreadable}; 'supplant audit verify' tells whether more is broken`);
}
