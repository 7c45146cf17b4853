import type { JsonObject } from '../domain/json.ts';
import type { RequestMeta, Command, ServiceCommand, RolloutRef } from '../domain/service/requests.ts';
import { formatRevisionName } from '../domain/service/revision.ts';
import type { RolloutKind } from '../domain/rollout/rollout.ts';
import { type ServiceKey, type ServiceSpec, formatServiceId } from '../domain/service/service.ts';
import type { Answer, Entry } from '../domain/service/state.ts';
import type { SettingChange } from '../domain/service/setting-change.ts';
import { withoutHold } from '../domain/rollback/hold.ts';
import { writeOrder } from '../domain/rollout/write-order.ts';
import type { Catalogue, RolloutRecord } from '../store/catalogue/catalogue.ts';
import type { RolloutRequest } from '../store/catalogue/request-log.ts';
import { type CommandTask, type ResolvedRelease, resolveSpec } from './commands.ts';
import { describeAnew, restoreDescription } from './description.ts';
import { createPermanentFailure } from './failures.ts';
import type { Journal } from './journal.ts';
import type { Recorder, Recording } from './recorder.ts';
import { buildRolloutRequest, releaseAgain, releaseOf } from './rollout-request.ts';
import { type TimedTask, type ToldTime, tellTime } from './told-time.ts';

export interface AcceptTask extends CommandTask, TimedTask {
  answer: Answer;
  /** The rollout that is asked for; absent where none of its own follows. */
  entry?: Entry;
  /** For a release. */
  made?: ResolvedRelease;
  /** Settings that it changes. */
  changes?: SettingChange[];
  /** The release that is on hold no longer: it is asked for again. */
  lifts?: string;
}

export interface DropTask {
  ref: RolloutRef;
  kind: RolloutKind;
  revision?: number;
  /** Who had asked for it; `ref` names who took it out. */
  requestedBy: string;
  queuedAt: string;
  at: string;
  because: string;
  /** What the one who took it out was answered. */
  answer?: Answer;
  /** The request for it never was acknowledged, and counts no more. */
  forget?: { requestId: string; at: string };
}

export interface SettleSettingsTask {
  /** The rollout that was begun last. */
  ref: RolloutRef;
  /** ISO 8601. */
  upTo: string;
  /** Until when those that are kept warm are so now. */
  warm: { revision: number; warmUntil: string }[];
}

export interface MarkTask {
  service: ServiceKey;
  note: ServiceCommand;
  change: RequestMeta;
  /** All of them, now. */
  pinned: number[];
  bad: number[];
  answer?: Answer;
  /** It came too late; the lists are as they were before. */
  isTakenBack?: boolean;
}

/** Requests that led to something are in the audit log for ever; for how long an id is known is in `domain/answers.ts`. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** A command is carried out within seconds, or not at all; what it asked for is recorded with its answer. */
const COMMANDS_KEPT_MS = 3_600_000;

/** Records what was decided about a service without a rollout having begun. */
export function serviceRecordActivities({ journal, catalogue, atOnce }: Recorder) {
  return {
    /**
     * A request and its answer, before anybody is told. What is not recorded in time never will be: its caller has been
     * told that nothing was started.
     */
    async accept(task: AcceptTask): Promise<ToldTime> {
      const { service, command: name, answer, entry, made, changes, lifts } = task;
      const command = await catalogue.commands.find(service, name);
      if (!command)
        throw createPermanentFailure('NotRecorded', `command ${name} of ${formatServiceId(service)} is not recorded`);
      await requireInTime(catalogue, command, answer);
      const spec = (await resolveSpec(catalogue, command))?.spec;
      const release = spec && made ? releaseOf(spec, made) : entry && (await releaseAgain(catalogue, command, entry));
      const isCalling = entry?.settings.hooks ?? entry?.settings.migrations;
      const described = isCalling && (spec ?? (await catalogue.service(service))?.spec);
      const request = entry && buildRolloutRequest(command, entry, release, described);
      await atOnce(async (into) => {
        await recordAccepted(into, command, { answer, request, spec, changes });
        if (lifts !== undefined) await forgetHold(into, service, lifts);
        await prune(into.catalogue, service, answer.at);
      });
      return tellTime(task);
    },

    /** What was changed up to then has taken effect, or cannot. */
    settleSettings: (task: SettleSettingsTask): Promise<void> => settleSettings(catalogue, task),

    /** A rollout that never began has an end, too, and the first one that is recorded stands. */
    async drop(task: DropTask): Promise<void> {
      const { ref, kind, at, answer, forget } = task;
      const because = (await journal.findEvent(ref, 'rollout.dropped'))?.reason ?? task.because;
      const order = writeOrder(ref.number, 'request');
      const request = await catalogue.requests.entry(ref.service, ref.number);
      const revision = request?.revision;
      await atOnce(async (into) => {
        await into.journal.writeFirst(ref, 'rollout.dropped', kind, { kind }, because);
        const { requests } = into.catalogue;
        if (revision)
          await into.catalogue.saveRevision({ ...revision, state: 'failed', since: at, endpoints: [] }, order);
        await into.catalogue.saveRollout(neverBegun({ ...task, because }, request?.reason));
        if (answer) await requests.save({ at: '', ...answer, service: ref.service });
        if (forget) await requests.forget(ref.service, forget.requestId, forget.at);
        if (forget && request) await restoreDescription(into.catalogue, request, at);
      });
    },

    /**
     * Which revisions are pinned and which are bad. A pin is too late where a rollout has settled without the revision:
     * {@link recordActivities} looks for pins after it has written that, so that one of the two sees the other.
     */
    async mark(task: MarkTask): Promise<{ tooLate: boolean }> {
      const { service, note, change, pinned, bad, answer, isTakenBack = false } = task;
      const type = `revision.${note.kind}${isTakenBack ? '.taken-back' : ''}`;
      await atOnce(async (into) => {
        await into.journal.writeForService(service, change, type, { ...note });
        const others = await listOtherBad(into.catalogue, task);
        await into.catalogue.saveMarks(service, { pinned, bad: [...others, ...bad] });
        if (isTakenBack && answer) await into.catalogue.requests.forget(service, answer.requestId, answer.at ?? '');
      });
      if (isTakenBack) return { tooLate: false };
      // Once the pin is recorded: a rollout that settles at this moment looks for it after its own word is.
      if (note.kind === 'pin') {
        const state = (await catalogue.revision(service, note.revision))?.state;
        if (state !== 'live' && state !== 'warm') return { tooLate: true };
      }
      if (answer) await catalogue.requests.save({ at: '', ...answer, service });
      return { tooLate: false };
    },
  };
}

/** By this machine's own clock: a workflow's stands still while its worker does. */
async function requireInTime(catalogue: Catalogue, { service, change }: Command, answer: Answer): Promise<void> {
  const { requestId, expiresAt } = change;
  if (expiresAt === undefined || Date.now() <= Date.parse(expiresAt)) return;
  if ((await catalogue.requests.find(service, requestId))?.at === answer.at) return;
  throw createPermanentFailure('Expired', `the request was not to be begun after ${expiresAt}`);
}

/** A rollout that is rolled back marks its revision bad in its own time, which the service may not have heard of yet. */
async function listOtherBad(catalogue: Catalogue, { service, note, bad, isTakenBack }: MarkTask): Promise<number[]> {
  const recorded = (await catalogue.service(service))?.bad ?? [];
  const isGone = (number: number): boolean => isTakenBack === true && 'revision' in note && note.revision === number;
  return recorded.filter((number) => !bad.includes(number) && !isGone(number));
}

async function forgetHold({ catalogue }: Recording, service: ServiceKey, release: string): Promise<void> {
  const { holds = [] } = (await catalogue.service(service)) ?? {};
  await catalogue.saveHolds(service, withoutHold(holds, release));
}

interface Accepted extends Pick<AcceptTask, 'answer'> {
  request: RolloutRequest | undefined;
  spec: ServiceSpec | undefined;
  changes: SettingChange[] | undefined;
}

async function recordAccepted(
  { journal, catalogue }: Recording,
  command: Command,
  { answer, request, spec, changes }: Accepted,
): Promise<void> {
  const { service, change } = command;
  const { actor, reason, requestId } = change;
  if (request) {
    const ref = { service, number: request.number, actor };
    await journal.writeFirst(ref, 'rollout.requested', requestId, requested(request, command), reason);
  }
  if (changes) await recordChanges(journal, command, answer, changes);
  const entry = spec && request ? await describeAnew(catalogue, request, spec) : request;
  if (spec && !request) await catalogue.saveSpec(spec, changes && answer.at);
  await catalogue.requests.save({ at: '', ...answer, service, ...(entry ? { entry } : {}) });
}

async function settleSettings(catalogue: Catalogue, { ref, upTo, warm }: SettleSettingsTask): Promise<void> {
  for (const { revision, warmUntil } of warm) {
    const record = await catalogue.revision(ref.service, revision);
    const isKept = record?.state === 'warm';
    if (isKept) await catalogue.saveRevision({ ...record, warmUntil }, writeOrder(ref.number, 'settle'));
  }
  await catalogue.settleSettings(ref.service, upTo);
}

/** Who changed which setting, from what to what, and why. */
async function recordChanges(
  journal: Journal,
  { service, change }: Command,
  { at = '' }: Answer,
  changes: readonly SettingChange[],
): Promise<void> {
  const { requestId } = change;
  const data = { requestId, changes: changes.map(({ setting, from, to }) => ({ setting, before: from, after: to })) };
  // An id may be used anew once nobody knows it any more.
  const asked = { ...change, requestId: `${requestId}/${at}` };
  await journal.writeForService(service, asked, 'service.settings-changed', data);
}

/** By Temporal's clock, as all that is recorded of requests: this machine's may be years ahead. */
async function prune(catalogue: Catalogue, service: ServiceKey, now: string | undefined): Promise<void> {
  if (now === undefined) return;
  const before = (ms: number): string => new Date(Date.parse(now) - ms).toISOString();
  await catalogue.requests.prune(service, before(KEPT_MS));
  await catalogue.commands.prune(before(COMMANDS_KEPT_MS));
}

function neverBegun(
  { ref, kind, revision, requestedBy, queuedAt, at, because }: DropTask,
  reason: string | undefined,
): RolloutRecord {
  return {
    service: ref.service,
    number: ref.number,
    kind,
    ...(revision === undefined ? {} : { revision }),
    actor: requestedBy,
    ...(reason === undefined ? {} : { reason }),
    startedAt: queuedAt,
    endedAt: at,
    outcome: 'aborted',
    because,
  };
}

function requested(
  { kind, revision, to }: RolloutRequest,
  { asked, change: { requestId, again } }: Command,
): JsonObject {
  const target = revision?.number ?? to;
  return {
    kind,
    ...(asked.kind === 'restart' ? { restart: true } : {}),
    ...(again ? { again } : {}),
    ...(target === undefined ? {} : { revision: formatRevisionName(target) }),
    ...(revision ? { artifact: revision.artifact } : {}),
    requestId,
  };
}
