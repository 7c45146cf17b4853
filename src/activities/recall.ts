import type { Hold } from '../domain/rollback/hold.ts';
import type { RolloutRef, TeardownNotice } from '../domain/service/requests.ts';
import { type RevisionRef, type RevisionState, formatStackName } from '../domain/service/revision.ts';
import { describeSuperseding, isPutBackFor } from '../domain/service/superseding.ts';
import type { PendingContract } from '../domain/migrations/contract.ts';
import type { Quarantine } from '../domain/rollout/status.ts';
import type { ServiceKey } from '../domain/service/service.ts';
import { type Answer, type Entry, LIMITS, collectFormerlyLive, findLastBegun } from '../domain/service/state.ts';
import type { SpecRef } from '../domain/service/service.ts';
import type { RevisionSet, ActiveRevision } from '../domain/service/revision-set.ts';
import { computeServiceGeneration } from '../domain/traffic/generation.ts';
import type { Catalogue, RevisionRecord, RolloutRecord } from '../store/catalogue/catalogue.ts';
import type { RequestRecord } from '../store/catalogue/request-log.ts';
import type { Journal } from './journal.ts';
import { recallContracts } from './contracts.ts';
import { toRevisionRef, toQueueEntry, toSpecRef } from './release.ts';

/** What is recorded of a service: where its workflow goes on when it begins afresh. */
export interface RecalledState {
  spec?: SpecRef;
  lastRevision: number;
  lastRollout: number;
  revisionSet: RevisionSet;
  pinned: number[];
  bad: number[];
  holds: Hold[];
  /** Revisions that were live, latest first, without the live one. */
  formerly: number[];
  /** A rollout that was begun and has no recorded end: it runs on, or it was terminated. */
  open?: OpenRollout;
  /** Rollouts that were asked for and have not begun, in order. */
  queue: Entry[];
  /** Latest last. */
  answered: Answer[];
  /** Route writes since the last rollout that was begun. */
  routeWrites: number;
  /** When settings were changed last that have not been carried out, ISO 8601. */
  settingsDue?: string;
  /** Baselines that stand, or are about to; absent where there are none. */
  baselines?: RevisionRef[];
  /** Contracts that are not over; absent where there are none. */
  contracts?: PendingContract[];
  contractedBy?: number;
}

export interface OpenRollout extends Pick<RolloutRecord, 'number' | 'kind' | 'actor' | 'startedAt'> {
  revision?: RevisionRef;
}

/** What a service's workflow has to know before it takes a request. Reads only. */
export function recallActivities(catalogue: Catalogue, journal: Journal) {
  return {
    async recall(key: ServiceKey): Promise<RecalledState> {
      const [found] = await catalogue.overview(key);
      const { revisions = [], queue = [], running: open } = found ?? {};
      const rollouts = await catalogue.rollouts(key, 200);
      const baselines = revisions.filter(({ copyOf }) => copyOf !== undefined).map(toRevisionRef);
      const live = revisions.find((revision) => revision.state === 'live');
      const formerly = collectFormerlyLive(rollouts, live?.number);
      const latest = await catalogue.requests.latest(key, LIMITS.answered);
      const lastRollout = Math.max(found?.lastRollout ?? 0, ...queue.map(({ number }) => number));
      const begun = findLastBegun({ lastRollout, queue: queue.map(toQueueEntry), ...(open ? { running: open } : {}) });
      const isThere = found && (found.removedAt === undefined || queue.length > 0);
      return {
        ...(open ? { open: opened(open, await revisionOf(catalogue, open)) } : {}),
        ...(isThere ? { spec: toSpecRef(found.spec) } : {}),
        lastRevision: Math.max(
          found?.lastRevision ?? 0,
          ...queue.map(({ revision, baseline }) => baseline ?? revision?.number ?? 0),
        ),
        lastRollout,
        routeWrites: await routeWrites(journal, key, begun),
        ...(found?.settingsDue === undefined ? {} : { settingsDue: found.settingsDue }),
        queue: queue.map(toQueueEntry),
        answered: latest.toReversed().map(toAnswer),
        pinned: found?.pinned ?? [],
        bad: found?.bad ?? [],
        holds: found?.holds ?? [],
        revisionSet: {
          ...(live ? { live: standing(live) } : {}),
          warm: revisions.filter((revision) => revision.state === 'warm').map(standing),
        },
        formerly,
        ...(baselines.length > 0 ? { baselines } : {}),
        ...(found ? await recallContracts(catalogue, key) : {}),
      };
    },

    /** Why a rollout is superseded by another; null where nothing in the record says so. */
    async recallSuperseding({ ref, by }: { ref: RolloutRef; by: number }): Promise<string | null> {
      const { service, number } = ref;
      const [own, other] = await Promise.all([
        catalogue.requests.entry(service, number),
        catalogue.requests.entry(service, by),
      ]);
      return own && other && isPutBackFor(own, other) ? describeSuperseding(other) : null;
    },

    /** How the teardown of a revision stands that follows from a rollout; empty where nothing in the record says so. */
    recallTeardown: (notice: TeardownNotice & { service: ServiceKey }): Promise<Departure> =>
      recallTeardown(catalogue, journal, notice),

    /** The id of the request that was answered last; null where none was. */
    async recallLatest(service: ServiceKey): Promise<string | null> {
      const [latest] = await catalogue.requests.latest(service, 1);
      return latest?.requestId ?? null;
    },

    async recallRevision({ service, number }: RevisionTask): Promise<RecalledRevision | null> {
      const record = await catalogue.revision(service, number);
      if (!record) return null;
      const { state, copyOf } = record;
      return { ...toRevisionRef(record), state, ...(copyOf === undefined ? {} : { copyOf }) };
    },
  };
}

/** What is recorded of a stack that is to go. */
export interface Departure {
  quarantine?: Quarantine;
  isGone?: boolean;
}

async function recallTeardown(
  catalogue: Catalogue,
  journal: Journal,
  { service, revision, rollout }: TeardownNotice & { service: ServiceKey },
): Promise<Departure> {
  const [found] = await catalogue.overview(service);
  const quarantine = found?.quarantine.find((each) => each.revision === revision);
  if (quarantine) return { quarantine: { ...quarantine, lastError: quarantine.lastError.slice(0, LIMITS.error) } };
  const record = await catalogue.revision(service, revision);
  const isLeft = record?.state === 'retired' || record?.state === 'failed';
  const events = await journal.events({ service, number: rollout, actor: 'supplant' });
  const stack = formatStackName(service, revision);
  const isDestroyed = events.some(({ type, data }) => type === 'stack.destroyed' && data.stack === stack);
  // One that was made anew since then has endpoints.
  return isLeft && isDestroyed && record.endpoints.length === 0 ? { isGone: true } : {};
}

export interface RevisionTask {
  service: ServiceKey;
  number: number;
}

export interface RecalledRevision extends RevisionRef {
  state: RevisionState;
  /** Of a baseline. */
  copyOf?: number;
}

export function toAnswer({ service: _service, entry: _entry, ...given }: RequestRecord): Answer {
  return given;
}

/** A generation that was used is not used again, whatever became of the workflow that had counted it. */
async function routeWrites(journal: Journal, service: ServiceKey, rollout: number): Promise<number> {
  const events = await journal.events({ service, number: rollout, actor: 'supplant' });
  const written = events.flatMap(({ data }) => (typeof data.generation === 'number' ? [data.generation] : []));
  return Math.max(0, Math.max(0, ...written) - computeServiceGeneration(rollout, 0));
}

async function revisionOf(
  catalogue: Catalogue,
  { service, revision }: RolloutRecord,
): Promise<RevisionRecord | undefined> {
  return revision === undefined ? undefined : catalogue.revision(service, revision);
}

function opened({ number, kind, actor, startedAt }: RolloutRecord, revision: RevisionRecord | undefined): OpenRollout {
  return { number, kind, actor, startedAt, ...(revision ? { revision: toRevisionRef(revision) } : {}) };
}

function standing(record: RevisionRecord): ActiveRevision {
  const { since, endpoints, warmUntil } = record;
  return { revision: toRevisionRef(record), endpoints, since, ...(warmUntil === undefined ? {} : { warmUntil }) };
}
