import type { Kysely } from 'kysely';
import type { ReaperNote, StackName } from '../../domain/reaper/facts.ts';
import type { Look, ReaperLog, ReaperRequest } from './log.ts';
import type { NoteRow, ReaperTables, RequestRow } from './tables.ts';

/** The key of the one look. */
const LAST = 'last';

/** What the reaper remembers over any database Kysely speaks to. */
export class KyselyReaperLog implements ReaperLog {
  readonly #db: Kysely<ReaperTables>;

  constructor(db: Kysely<ReaperTables>) {
    this.#db = db;
  }

  async notes(): Promise<ReaperNote[]> {
    const all = this.#db.selectFrom('reaper_notes').selectAll().orderBy('project').orderBy('stack');
    return (await all.execute()).map(noteOf);
  }

  async note({ project, stack }: StackName): Promise<ReaperNote | undefined> {
    const row = await this.#db
      .selectFrom('reaper_notes')
      .selectAll()
      .where((is) => is.and({ project, stack }))
      .executeTakeFirst();
    return row && noteOf(row);
  }

  async saveNote({ project, stack, ...known }: ReaperNote): Promise<void> {
    const content = JSON.stringify(known);
    await this.#db
      .insertInto('reaper_notes')
      .values({ project, stack, content })
      .onConflict((conflict) => conflict.columns(['project', 'stack']).doUpdateSet({ content }))
      .execute();
  }

  async forgetNote({ project, stack }: StackName): Promise<void> {
    await this.#db
      .deleteFrom('reaper_notes')
      .where((is) => is.and({ project, stack }))
      .execute();
  }

  async saveLook(look: Look): Promise<void> {
    const content = JSON.stringify(look);
    await this.#db
      .insertInto('reaper_looks')
      .values({ id: LAST, content })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ content }))
      .execute();
  }

  async look(): Promise<Look | undefined> {
    const row = await this.#db.selectFrom('reaper_looks').select('content').where('id', '=', LAST).executeTakeFirst();
    return row && (JSON.parse(row.content) as Look);
  }

  async ask(request: ReaperRequest): Promise<ReaperRequest> {
    const { requestId, fingerprint, skipGrace, at } = request;
    await this.#db
      .insertInto('reaper_requests')
      .values({ request_id: requestId, fingerprint, skip_grace: skipGrace ? 1 : 0, at, taken_at: null })
      .onConflict((conflict) => conflict.column('request_id').doNothing())
      .execute();
    return (await this.request(requestId)) ?? request;
  }

  async request(requestId: string): Promise<ReaperRequest | undefined> {
    const row = await this.#db
      .selectFrom('reaper_requests')
      .selectAll()
      .where('request_id', '=', requestId)
      .executeTakeFirst();
    return row && requestOf(row);
  }

  async waiting(): Promise<ReaperRequest[]> {
    const rows = await this.#db
      .selectFrom('reaper_requests')
      .selectAll()
      .where('taken_at', 'is', null)
      .orderBy('at')
      .orderBy('request_id')
      .execute();
    return rows.map(requestOf);
  }

  async takeUp(requestId: string, at: string): Promise<void> {
    await this.#db
      .updateTable('reaper_requests')
      .set({ taken_at: at })
      .where('request_id', '=', requestId)
      .where('taken_at', 'is', null)
      .execute();
  }

  async prune(before: string): Promise<void> {
    await this.#db.deleteFrom('reaper_requests').where('at', '<', before).where('taken_at', 'is not', null).execute();
  }
}

function noteOf({ project, stack, content }: NoteRow): ReaperNote {
  return { project, stack, ...(JSON.parse(content) as Omit<ReaperNote, 'project' | 'stack'>) };
}

function requestOf({ request_id: requestId, fingerprint, skip_grace, at }: RequestRow): ReaperRequest {
  return { requestId, fingerprint, skipGrace: skip_grace === 1, at };
}
