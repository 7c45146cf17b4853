import type { Revision } from '../domain/revision.ts';
import type { ServiceKey, ServiceSpec } from '../domain/service.ts';
import { FORMERLY_LIMIT } from '../domain/service-state.ts';
import type { Lineup, Standing } from '../domain/standing.ts';
import type { Catalogue, RevisionRecord, RolloutRecord, ServiceRecord } from '../catalogue/catalogue.ts';
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
      return {
        ...(open ? { open: opened(open, revisions) } : {}),
        ...(record && record.removedAt === undefined ? { spec: record.spec } : {}),
        lastRevision: record?.lastRevision ?? 0,
        lastRollout: record?.lastRollout ?? 0,
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
