import type { AuditEvent, AuditQuery } from '../../store/audit/store.ts';
import type { ListEvents } from './head.ts';

const PAGE = 500;

/** All events there are, oldest first, read a page at a time. */
export async function* readEvents(list: ListEvents, query: Omit<AuditQuery, 'limit'>): AsyncGenerator<AuditEvent> {
  let afterSeq = query.afterSeq ?? 0;
  for (;;) {
    const page = await list({ ...query, afterSeq, limit: PAGE });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    afterSeq = last.seq;
  }
}
