import type { JsonObject } from '../domain/json.ts';
import type { PutBackStage, RolloutRef } from '../domain/service/requests.ts';
import { formatEndpointUrl, formatRevisionName } from '../domain/service/revision.ts';
import { type Hold, addHold } from '../domain/rollback/hold.ts';
import type { Exposure } from '../domain/rollout/exposure.ts';
import type { RolloutKind, RolloutOutcome } from '../domain/rollout/rollout.ts';
import type { FreezeSpec, ServiceKey } from '../domain/service/service.ts';
import type { RevisionSet } from '../domain/service/revision-set.ts';
import type { Quarantine } from '../domain/rollout/status.ts';
import { writeOrder } from '../domain/rollout/write-order.ts';
import type { Catalogue, RolloutRecord } from '../store/catalogue/catalogue.ts';
import type { Journal } from './journal.ts';
import type { Recorder, Recording } from './recorder.ts';
import { settleContracts } from './contracts.ts';
import { requireRevision } from './require-revision.ts';
import { requireMaySettle } from './rollout-end.ts';
import type { TimedTask } from './told-time.ts';

export interface SettleTask extends TimedTask {
  ref: RolloutRef;
  revisionSet: RevisionSet;
  retire: number[];
  /** 2 and so on where pins came in between. */
  round?: number;
  /** Contracts may follow from it, or be called off. */
  touchesContracts?: true;
}

export interface CloseTask {
  ref: RolloutRef;
  kind: RolloutKind;
  revision?: number;
  /** A new revision that did not make it. */
  failed?: number;
  /** A baseline that no teardown of its own looks after. */
  baseline?: number;
  reason?: string;
  startedAt: string;
  at: string;
  outcome: RolloutOutcome;
  because?: string;
  /** How much of the traffic the revision had; absent where it had none. */
  exposure?: Exposure;
  /** What its release is to blame for. */
  blame?: Hold;
  /** It is on hold for that, too. */
  isHeld?: boolean;
}

export interface PutBackTask extends TimedTask {
  ref: RolloutRef;
  stage: PutBackStage;
  because?: string;
}

export interface FreezeTask {
  ref: RolloutRef;
  /** How often it was, this time included. */
  round: number;
  because: string;
  /** ISO 8601. */
  until: string;
  then: FreezeSpec['then'];
}

export interface QuarantineTask extends Omit<Quarantine, 'lastError'> {
  service: ServiceKey;
  lastError?: string;
}

/** Characters of an error that lists show. */
const MOST_OF_ERROR = 2_000;

/** Records a rollout's decisions: the audit log for what was decided, the catalogue for what stands. */
export function recordActivities({ catalogue, journal, atOnce }: Recorder) {
  return {
    /**
     * What stands from now on. Pins are looked for before, which is the rule, and after what goes is recorded, for one
     * that comes at the same moment: `mark` does it the other way round, so that one of the two sees the other. Where
     * there are any, the rollout settles again, with them.
     */
    async settle(task: SettleTask): Promise<{ pinned: number[] }> {
      const before = await pinnedOf(catalogue, task);
      if (before.length > 0) return { pinned: before };
      await atOnce(async (into) => {
        await requireMaySettle(into.journal, task);
        await recordSettled(into, task);
        if (task.touchesContracts) await settleContracts(into, task);
      });
      // Not in the same transaction, of which `mark` would not see what goes yet.
      return { pinned: await pinnedOf(catalogue, task) };
    },

    /** That a rollout is put back, or is to be: before its service is told, which looks here. */
    async recordPutBack({ ref, stage, because, now }: PutBackTask): Promise<void> {
      const since = now === undefined ? {} : { since: new Date(now).toISOString() };
      await journal.writeFirst(ref, 'rollout.putting-back', stage, { stage, ...since }, because);
    },

    /** That a rollout failed, is not put back, and waits for a person. */
    async recordFreeze({ ref, round, because, until, then }: FreezeTask): Promise<void> {
      await journal.writeFirst(ref, 'rollout.frozen', `freeze-${round}`, { until, then }, because);
    },

    /** A stack that could not be destroyed yet; without an error, that it is gone. */
    async quarantine({ service, lastError, ...teardown }: QuarantineTask): Promise<void> {
      if (lastError === undefined) await catalogue.teardowns.forget(service, teardown.revision);
      else await catalogue.teardowns.save(service, { ...teardown, lastError: lastError.slice(0, MOST_OF_ERROR) });
    },

    close: (task: CloseTask): Promise<void> => atOnce((into) => recordEnd(into, task)),
  };
}

async function recordSettled(
  { journal, catalogue }: Recording,
  { ref, revisionSet, retire, round = 1 }: SettleTask,
): Promise<void> {
  const step = round === 1 ? 'revisionSet' : `revisionSet-${round}`;
  await journal.write(ref, 'rollout.settled', step, settled(revisionSet, retire));
  const standings = [
    ...(revisionSet.live ? [{ ...revisionSet.live, state: 'live' as const }] : []),
    ...revisionSet.warm.map((standing) => ({ ...standing, state: 'warm' as const })),
  ];
  const order = writeOrder(ref.number, 'settle');
  for (const { revision, state, since, endpoints, warmUntil } of standings) {
    const { warmUntil: _before, ...record } = await requireRevision(catalogue, ref.service, revision.number);
    const until = warmUntil === undefined ? {} : { warmUntil };
    await catalogue.saveRevision({ ...record, state, since, endpoints, ...until }, order);
  }
  // Their stacks go next. Anyone who reads the record meanwhile must not take them for live or warm.
  for (const number of retire) {
    const record = await catalogue.revision(ref.service, number);
    if (record) await catalogue.saveRevision({ ...record, state: 'retired' }, order);
  }
}

async function recordEnd({ journal, catalogue }: Recording, task: CloseTask): Promise<void> {
  const { ref, kind, failed, at } = task;
  const end = await putEnd(journal, task);
  const { outcome } = end;
  const order = writeOrder(ref.number, 'close');
  const isLeft = failed !== undefined && outcome !== 'succeeded';
  const left = isLeft ? await catalogue.revision(ref.service, failed) : undefined;
  if (left) await catalogue.saveRevision({ ...left, state: 'failed', since: at, endpoints: [] }, order);
  await endBaseline(catalogue, task);
  await catalogue.saveRollout(ended(task, end));
  // The first recorded end stands, and so does what it says of the release.
  if (outcome === task.outcome) await recordBlame({ journal, catalogue }, task);
  if (kind === 'remove' && outcome === 'succeeded') await catalogue.removeService(ref.service, at, order);
}

/** One that was recorded, and that nobody has begun to destroy: there is nothing of it, or it is quarantined. */
async function endBaseline(catalogue: Recording['catalogue'], { ref, baseline, at }: CloseTask): Promise<void> {
  const record = baseline === undefined ? undefined : await catalogue.revision(ref.service, baseline);
  if (record?.state !== 'provisioning' && record?.state !== 'ready') return;
  await catalogue.saveRevision(
    { ...record, state: 'failed', since: at, endpoints: [] },
    writeOrder(ref.number, 'close'),
  );
}

/** The same list that people mark revisions bad in, and the releases that are not deployed again by themselves. */
async function recordBlame({ journal, catalogue }: Recording, { ref, blame, isHeld }: CloseTask): Promise<void> {
  if (!blame) return;
  const { release, revision, because } = blame;
  const by = { ...ref, actor: 'supplant' };
  const name = formatRevisionName(revision);
  await journal.writeFirst(by, 'revision.mark-bad', name, { kind: 'mark-bad', revision }, because);
  const { pinned = [], bad = [], holds = [] } = (await catalogue.service(ref.service)) ?? {};
  if (!bad.includes(revision)) await catalogue.saveMarks(ref.service, { pinned, bad: [...bad, revision] });
  if (!isHeld) return;
  await journal.writeFirst(by, 'release.held', name, { revision: name, release }, because);
  await catalogue.saveHolds(ref.service, addHold(holds, blame));
}

type End = Pick<CloseTask, 'outcome' | 'because'>;

function ended(
  { ref, kind, revision, reason, startedAt, at, exposure }: CloseTask,
  { outcome, because }: End,
): RolloutRecord {
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
    ...(exposure ? { exposure } : {}),
  };
}

/**
 * A rollout ends once, and the first recorded end stands: one that was terminated may have written its own, of which its
 * service did not hear, before the service puts down how it found things.
 */
async function putEnd(journal: Journal, { ref, outcome, because, exposure }: CloseTask): Promise<End> {
  const before = await endOnRecord(journal, ref);
  if (before) return before;
  await journal.writeFirst(
    ref,
    'rollout.finished',
    'end',
    { outcome, ...(exposure ? { exposure: { ...exposure } } : {}) },
    because,
  );
  return (await endOnRecord(journal, ref)) ?? { outcome, ...(because === undefined ? {} : { because }) };
}

async function endOnRecord(journal: Journal, ref: RolloutRef): Promise<End | undefined> {
  const found = await journal.findEvent(ref, 'rollout.finished');
  if (!found) return undefined;
  const { data, reason } = found;
  return { outcome: data.outcome as RolloutOutcome, ...(reason === undefined ? {} : { because: reason }) };
}

/** Revisions that were to go and have been pinned. A removal keeps none. */
async function pinnedOf(catalogue: Catalogue, { ref, revisionSet, retire }: SettleTask): Promise<number[]> {
  if (!revisionSet.live || retire.length === 0) return [];
  const { pinned = [] } = (await catalogue.service(ref.service)) ?? {};
  return retire.filter((number) => pinned.includes(number));
}

function settled(revisionSet: RevisionSet, retire: number[]): JsonObject {
  return {
    live: revisionSet.live ? formatRevisionName(revisionSet.live.revision.number) : null,
    ...(revisionSet.live ? { endpoints: revisionSet.live.endpoints.map(formatEndpointUrl) } : {}),
    warm: revisionSet.warm.map((standing) => formatRevisionName(standing.revision.number)),
    retire: retire.map(formatRevisionName),
  };
}
