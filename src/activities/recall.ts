import type { Revision } from '../domain/revision.ts';
import type { ServiceKey, ServiceSpec } from '../domain/service.ts';
import { REMEMBERED, remembered } from '../domain/answers.ts';
import { type Answer, type Entry, FORMERLY_LIMIT } from '../domain/service-state.ts';
import type { Lineup, Standing } from '../domain/standing.ts';
import type { Catalogue, RevisionRecord, RolloutRecord, ServiceRecord } from '../catalogue/catalogue.ts';
import type { RequestRecord } from '../catalogue/request-log.ts';
import type { BlueprintDescription, StackDriver } from '../stacks/driver.ts';

/** What is on record of a service: where its workflow goes on when it begins afresh. */
export interface Recollection {
  spec?: ServiceSpec;
  lastRevision: number;
  lastRollout: number;
  lineup: Lineup;
  pinned: number[];
  bad: number[];
  /** Revisions that were live, latest first, without the live one. */
  formerly: number[];
  /** A rollout that was begun and has no end on record: it runs on, or it was terminated. */
  open?: OpenRollout;
  /** Rollouts that were asked for and have not begun, in order. */
  queue: Entry[];
  /** Latest last. */
  answered: Answer[];
}

export interface OpenRollout extends Pick<RolloutRecord, 'number' | 'kind' | 'actor' | 'reason' | 'startedAt'> {
  revision?: Revision;
}

/** What a service's workflow has to know before it takes a request. Reads only. */
export function recallActivities(catalogue: Catalogue, stacks: StackDriver) {
  return {
    async recall(key: ServiceKey): Promise<Recollection> {
      const record = await catalogue.service(key);
      const revisions = await catalogue.revisions(key);
      const rollouts = await catalogue.rollouts(key, 200);
      const live = revisions.find((revision) => revision.state === 'live');
      const formerly = rollouts
        .filter((rollout) => rollout.outcome === 'succeeded' && rollout.revision !== undefined)
        .map((rollout) => rollout.revision ?? 0)
        .filter((number, index, all) => number !== live?.number && all.indexOf(number) === index);
      const open = rollouts.find((rollout) => rollout.endedAt === undefined);
      const queue = await catalogue.requests.queue(key);
      const latest = await catalogue.requests.latest(key, REMEMBERED.most);
      const spec = record && record.removedAt === undefined ? record.spec : queue.at(-1)?.spec;
      return {
        ...(open ? { open: opened(open, revisions) } : {}),
        ...(spec ? { spec } : {}),
        lastRevision: Math.max(record?.lastRevision ?? 0, ...queue.map(({ revision }) => revision?.number ?? 0)),
        lastRollout: Math.max(record?.lastRollout ?? 0, ...queue.map(({ number }) => number)),
        queue,
        answered: remembered(latest.toReversed().map(answer), new Date().toISOString()),
        pinned: record?.pinned ?? [],
        bad: record?.bad ?? [],
        lineup: {
          ...(live ? { live: standing(live) } : {}),
          warm: revisions
            .filter((revision) => revision.state === 'warm')
            .map((revision) => ({ ...standing(revision), ...warmUntil(revision, record) })),
        },
        formerly: formerly.slice(0, FORMERLY_LIMIT),
      };
    },

    async recallRevision({ service, number }: { service: ServiceKey; number: number }): Promise<RevisionRecord | null> {
      return (await catalogue.revision(service, number)) ?? null;
    },

    /** Everything wrong with a spec as far as its blueprint is concerned, and the digest a revision of it would have. */
    async describe(spec: ServiceSpec): Promise<BlueprintDescription> {
      return stacks.describe(spec.blueprint, spec.artifact);
    },
  };
}

function answer({ service: _service, entry: _entry, ...given }: RequestRecord): Answer {
  return given;
}

function opened(
  { number, kind, actor, reason, startedAt, ...rollout }: RolloutRecord,
  all: RevisionRecord[],
): OpenRollout {
  const record = all.find((each) => each.number === rollout.revision);
  return {
    number,
    kind,
    actor,
    ...(reason === undefined ? {} : { reason }),
    startedAt,
    ...(record ? { revision: standing(record).revision } : {}),
  };
}

function standing({ state: _state, since, endpoints, ...revision }: RevisionRecord): Standing {
  return { revision: revision satisfies Revision, endpoints, since };
}

function warmUntil({ since }: RevisionRecord, record: ServiceRecord | undefined): Pick<Standing, 'warmUntil'> {
  if (!record) return {};
  return { warmUntil: new Date(Date.parse(since) + record.spec.retention.warmForMs).toISOString() };
}
