import type { AuditEvent } from '../../store/audit/store.ts';
import type { AuditFeed, Filter } from './audit-feed.ts';
import type { ListEvents } from './head.ts';
import { readEvents } from './pages.ts';
import { Silence, isAborted } from './silence.ts';

/** Something was recorded; or, without an event, nothing was for a while. `seq` is where to resume. */
export interface EventUpdate {
  seq: number;
  event?: AuditEvent;
}

/** Follows the record for ever, from `after` on, or from now on where that is undefined. */
export async function* watchEvents(
  feed: AuditFeed,
  list: ListEvents,
  filter: Filter,
  after: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<EventUpdate> {
  using _watching = await feed.watch();
  const silence = new Silence();
  let seq = after ?? feed.head;
  // The head that the events were read up to: nothing need be read while that is the same.
  let read: number | undefined;
  yield { seq };
  while (!isAborted(signal)) {
    const { head } = feed;
    const news = head === read ? [] : readEvents(list, { ...filter, afterSeq: seq });
    read = head;
    for await (const event of news) {
      seq = event.seq;
      silence.broken();
      yield { seq, event };
      if (isAborted(signal)) return;
    }
    await feed.next(head, filter, AbortSignal.any([signal, AbortSignal.timeout(silence.left)]));
    if (silence.left === 0) {
      silence.broken();
      yield { seq };
    }
  }
}
