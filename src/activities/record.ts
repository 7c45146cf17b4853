import type { JsonObject } from '../domain/json.ts';
import type { RolloutRef } from '../domain/requests.ts';
import { type Revision, endpointUrl, revisionName } from '../domain/revision.ts';
import type { RolloutKind, RolloutOutcome } from '../domain/rollout.ts';
import type { ServiceSpec } from '../domain/service.ts';
import type { Lineup } from '../domain/standing.ts';
import { writeOrder } from '../domain/write-order.ts';
import type { Catalogue, RolloutRecord } from '../catalogue/catalogue.ts';
import type { Journal } from './journal.ts';

export interface OpenTask {
  ref: RolloutRef;
  kind: RolloutKind;
  revision?: Revision;
  /** The revision is made by this rollout: it enters the catalogue now. */
  isNew: boolean;
  /** The one that is live now. */
  previous?: number;
  spec: ServiceSpec;
  reason?: string;
  /** ISO 8601; from the workflow, so that a repeat writes the same. */
  at: string;
}

export interface SettleTask {
  ref: RolloutRef;
  lineup: Lineup;
  retire: number[];
  /** 2 and so on where pins came in between. */
  turn?: number;
}

export interface CloseTask {
  ref: RolloutRef;
  kind: RolloutKind;
  revision?: number;
  /** A new revision that did not make it. */
  failed?: Revision;
  reason?: string;
  startedAt: string;
  at: string;
  outcome: RolloutOutcome;
  because?: string;
}

/** Puts a rollout's decisions on record: the audit log for what was decided, the catalogue for what stands. */
export function recordActivities(catalogue: Catalogue, journal: Journal) {
  return {
    async open({ ref, kind, revision, isNew, previous, spec, reason, at }: OpenTask): Promise<void> {
      await journal.write(ref, 'rollout.started', kind, started(kind, revision, previous), reason);
      const order = writeOrder(ref.number, 'open');
      await catalogue.saveService(await latestSpec(catalogue, ref, spec), order);
      if (revision && isNew) {
        await catalogue.saveRevision({ ...revision, state: 'provisioning', since: at, endpoints: [] }, order);
      }
      await catalogue.saveRollout({
        service: ref.service,
        number: ref.number,
        kind,
        ...(revision ? { revision: revision.number } : {}),
        actor: ref.actor,
        ...(reason === undefined ? {} : { reason }),
        startedAt: at,
      });
    },

    /**
     * What stands from now on. Pins are looked for before, which is the rule, and after what goes is on record, for one
     * that comes at the same moment: `mark` does it the other way round, so that one of the two sees the other. Where
     * there are any, the rollout settles again, with them.
     */
    async settle(task: SettleTask): Promise<{ pinned: number[] }> {
      const { ref, lineup, retire, turn = 1 } = task;
      const before = await pinnedOf(catalogue, task);
      if (before.length > 0) return { pinned: before };
      await journal.write(ref, 'rollout.settled', turn === 1 ? 'lineup' : `lineup-${turn}`, settled(lineup, retire));
      const standings = [
        ...(lineup.live ? [{ ...lineup.live, state: 'live' as const }] : []),
        ...lineup.warm.map((standing) => ({ ...standing, state: 'warm' as const })),
      ];
      const order = writeOrder(ref.number, 'settle');
      for (const { revision, state, since, endpoints } of standings) {
        await catalogue.saveRevision({ ...revision, state, since, endpoints }, order);
      }
      // Their stacks go next. Whoever reads the record meanwhile must not take them for live or warm.
      for (const number of retire) {
        const record = await catalogue.revision(ref.service, number);
        if (record) await catalogue.saveRevision({ ...record, state: 'retired' }, order);
      }
      return { pinned: await pinnedOf(catalogue, task) };
    },

    async close(task: CloseTask): Promise<void> {
      const { ref, kind, failed, at } = task;
      const end = await putEnd(journal, task);
      const { outcome } = end;
      const order = writeOrder(ref.number, 'close');
      if (failed && outcome !== 'succeeded') {
        await catalogue.saveRevision({ ...failed, state: 'failed', since: at, endpoints: [] }, order);
      }
      await catalogue.saveRollout(ended(task, end));
      if (kind === 'remove' && outcome === 'succeeded') await catalogue.removeService(ref.service, at, order);
    },
  };
}

type End = Pick<CloseTask, 'outcome' | 'because'>;

function ended({ ref, kind, revision, reason, startedAt, at }: CloseTask, { outcome, because }: End): RolloutRecord {
  return {
    service: ref.service,
    number: ref.number,
    kind,
    ...(revision === undefined ? {} : { revision }),
    actor: ref.actor,
    ...(reason === undefined ? {} : { reason }),
    startedAt,
    endedAt: at,
    outcome,
    ...(because === undefined ? {} : { because }),
  };
}

/**
 * A rollout ends once, and the first end on record stands: one that was terminated may have written its own, of which its
 * service did not hear, before the service puts down how it found things.
 */
async function putEnd(journal: Journal, { ref, outcome, because }: CloseTask): Promise<End> {
  const before = await endOnRecord(journal, ref);
  if (before) return before;
  await journal.writeFirst(ref, 'rollout.finished', 'end', { outcome }, because);
  return (await endOnRecord(journal, ref)) ?? { outcome, ...(because === undefined ? {} : { because }) };
}

async function endOnRecord(journal: Journal, ref: RolloutRef): Promise<End | undefined> {
  const found = (await journal.events(ref)).find(({ type }) => type === 'rollout.finished');
  if (!found) return undefined;
  const { data, reason } = found;
  return { outcome: data.outcome as RolloutOutcome, ...(reason === undefined ? {} : { because: reason }) };
}

/** What was asked for since the rollout was is on record already, and counts. */
async function latestSpec(
  catalogue: Catalogue,
  { service, number }: RolloutRef,
  spec: ServiceSpec,
): Promise<ServiceSpec> {
  if (!(await catalogue.requests.entry(service, number))) return spec;
  return (await catalogue.service(service))?.spec ?? spec;
}

/** Revisions that were to go and have been pinned. Whoever removes a service keeps none. */
async function pinnedOf(catalogue: Catalogue, { ref, lineup, retire }: SettleTask): Promise<number[]> {
  if (!lineup.live || retire.length === 0) return [];
  const { pinned = [] } = (await catalogue.service(ref.service)) ?? {};
  return retire.filter((number) => pinned.includes(number));
}

function settled(lineup: Lineup, retire: number[]): JsonObject {
  return {
    live: lineup.live ? revisionName(lineup.live.revision.number) : null,
    ...(lineup.live ? { endpoints: lineup.live.endpoints.map(endpointUrl) } : {}),
    warm: lineup.warm.map((standing) => revisionName(standing.revision.number)),
    retire: retire.map(revisionName),
  };
}

function started(kind: RolloutKind, revision: Revision | undefined, previous: number | undefined): JsonObject {
  return {
    kind,
    ...(revision
      ? {
          revision: revisionName(revision.number),
          artifact: revision.artifact,
          blueprint: revision.blueprint.name,
          digest: revision.blueprint.digest,
          config: revision.blueprint.config,
        }
      : {}),
    previous: previous === undefined ? null : revisionName(previous),
  };
}
