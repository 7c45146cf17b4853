import type { AuditEvent } from '../../store/audit/store.ts';
import { ApiError, type SupplantClient } from '../../contract/supplant-client.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { formatRolloutName } from '../../domain/service/requests.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import { type Found, findRollout, numberOfFound } from '../find-rollout.ts';
import type { AuditFeed } from './audit-feed.ts';
import { readEvents } from './pages.ts';
import { Backoff } from './backoff.ts';
import type { SharedLooks } from '../shared-looks.ts';
import { Silence, isAborted } from './silence.ts';

/** What is new about a rollout; nothing of both when the stream only shows that it is alive. */
export interface RolloutUpdate {
  seq: number;
  event?: AuditEvent;
  found?: Found;
}

/** What a rollout is followed by; shared by all who follow one. */
export interface Sources {
  feed: AuditFeed;
  looks: SharedLooks<Found>;
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
  const filter = { rollout: formatRolloutName(key) };
  const look = handingOver(() => looks.look(filter.rollout, () => findRollout(backend, service, key.number)));
  const list = backend.auditEvents.bind(backend);
  const [silence, backoff] = [new Silence(), new Backoff()];
  let [seq, shown] = [after, ''];
  // The head that the events were read up to: nothing need be read while that is the same, but at the end.
  let read: number | undefined;
  while (!isAborted(signal)) {
    // Looked at before its events are read: where it is over, they are all there.
    const ended = 'status' in found && found.status.outcome !== undefined;
    const { head } = feed;
    const news = head === read && !ended ? [] : readEvents(list, { ...filter, afterSeq: seq });
    read = head;
    for await (const event of news) {
      seq = event.seq;
      yield { seq, event };
      backoff.changed();
      silence.broken();
      if (isAborted(signal)) return;
    }
    const now = canonicalJson(withoutLooks(found));
    if (now !== shown || silence.left === 0) {
      yield now === shown ? { seq } : { seq, found };
      if (now !== shown) backoff.changed();
      silence.broken();
    }
    shown = now;
    if (ended) return;
    const limit = AbortSignal.timeout(Math.min(backoff.wait(), silence.left));
    await feed.next(head, filter, AbortSignal.any([signal, limit]));
    if (!isAborted(signal)) found = await look(found);
  }
}

/** What a bake saw last changes with every look, for as long as it lasts: that alone is no news. */
function withoutLooks(found: Found): Found {
  if (!('status' in found) || !found.status.activities) return found;
  const activities = found.status.activities.map(({ latest, ...activity }) =>
    activity.name === 'bake' || latest === undefined ? activity : { ...activity, latest },
  );
  return { ...found, status: { ...found.status, activities } };
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
