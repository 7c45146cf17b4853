import type { AuditEvent } from '../../audit/store.ts';
import { ApiError, type SupplantClient } from '../../client/api.ts';
import { canonicalJson } from '../../domain/fingerprint.ts';
import { rolloutName } from '../../domain/requests.ts';
import type { ServiceKey } from '../../domain/service.ts';
import { type Found, findRollout, numberOfFound } from '../find-rollout.ts';
import type { AuditFeed } from './audit-feed.ts';
import { readEvents } from './pages.ts';
import { Patience } from './patience.ts';
import type { SharedLook } from './shared-look.ts';
import { Silence, over } from './silence.ts';

/** What is new about a rollout; nothing of both when the stream only shows that it is alive. */
export interface RolloutUpdate {
  seq: number;
  event?: AuditEvent;
  found?: Found;
}

/** What a rollout is followed by; shared by all who follow one. */
export interface Sources {
  feed: AuditFeed;
  looks: SharedLook<Found>;
  backend: SupplantClient;
}

/** How long a rollout may be neither queued nor begun: its service's workflow is just handing it on. */
const HANDOVER_MS = 30_000;
const PASSING: ReadonlySet<string> = new Set(['NOT_FOUND', 'UNAVAILABLE']);

/** Follows a rollout until it is over and all its events up to its end are told. */
export async function* watchRollout(
  { feed, looks, backend }: Sources,
  { service, number }: { service: ServiceKey; number?: number },
  after: number,
  signal: AbortSignal,
): AsyncGenerator<RolloutUpdate> {
  using _watching = await feed.watch();
  let found = await findRollout(backend, service, number);
  const key = { service, number: numberOfFound(found) };
  const filter = { rollout: rolloutName(key) };
  const look = handingOver(() => looks.look(filter.rollout, () => findRollout(backend, service, key.number)));
  const list = backend.auditEvents.bind(backend);
  const [silence, patience] = [new Silence(), new Patience()];
  let [seq, shown] = [after, ''];
  // The head that the events were read up to: nothing need be read while that is the same, but at the end.
  let read: number | undefined;
  while (!over(signal)) {
    // Looked at before its events are read: where it is over, they are all there.
    const ended = 'status' in found && found.status.outcome !== undefined;
    const { head } = feed;
    const news = head === read && !ended ? [] : readEvents(list, { ...filter, afterSeq: seq });
    read = head;
    for await (const event of news) {
      seq = event.seq;
      yield { seq, event };
      patience.changed();
      silence.broken();
      if (over(signal)) return;
    }
    const now = canonicalJson(found);
    if (now !== shown || silence.left === 0) {
      yield now === shown ? { seq } : { seq, found };
      if (now !== shown) patience.changed();
      silence.broken();
    }
    shown = now;
    if (ended) return;
    const limit = AbortSignal.timeout(Math.min(patience.wait(), silence.left));
    await feed.next(head, filter, AbortSignal.any([signal, limit]));
    if (!over(signal)) found = await look(found);
  }
}

/** Between queue and workflow a rollout is nowhere to be seen for a moment: then it is as it was. */
function handingOver(look: () => Promise<Found>): (before: Found) => Promise<Found> {
  let lostAt: number | undefined;
  return async (before) => {
    try {
      const found = await look();
      lostAt = undefined;
      return found;
    } catch (error) {
      lostAt ??= performance.now();
      const passing = error instanceof ApiError && PASSING.has(error.reason) && 'queued' in before;
      if (passing && performance.now() - lostAt < HANDOVER_MS) return before;
      throw error;
    }
  };
}
