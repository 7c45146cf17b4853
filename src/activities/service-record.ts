import type { JsonObject } from '../domain/json.ts';
import type { Change, Note, RolloutRef } from '../domain/requests.ts';
import { type Revision, revisionName } from '../domain/revision.ts';
import type { RolloutKind } from '../domain/rollout.ts';
import type { ServiceKey, ServiceSpec } from '../domain/service.ts';
import type { Answer, Entry } from '../domain/service-state.ts';
import { writeOrder } from '../domain/write-order.ts';
import type { Catalogue, RolloutRecord } from '../catalogue/catalogue.ts';
import { permanent } from './failures.ts';
import type { Journal } from './journal.ts';

export interface AcceptTask {
  service: ServiceKey;
  change: Change;
  answer: Answer;
  /** The rollout that is asked for; absent where none of its own follows. */
  entry?: Entry;
  /** The service as it is described from now on. */
  spec?: ServiceSpec;
}

export interface DropTask {
  ref: RolloutRef;
  kind: RolloutKind;
  spec: ServiceSpec;
  revision?: Revision;
  /** Who had asked for it, and why; `ref` names who took it out. */
  requestedBy: string;
  reason?: string;
  queuedAt: string;
  at: string;
  because: string;
  /** What whoever took it out was answered. */
  answer?: Answer;
  /** The request for it never was acknowledged, and counts no more. */
  forget?: { requestId: string; at: string };
}

export interface MarkTask {
  service: ServiceKey;
  note: Note;
  change: Change;
  /** All of them, now. */
  pinned: number[];
  bad: number[];
  answer?: Answer;
  /** It came too late; the lists are as they were before. */
  isTakenBack?: boolean;
}

/** Requests that led to something are in the audit log for ever; for how long an id is known is in `domain/answers.ts`. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** Puts on record what was decided about a service without a rollout having begun. */
export function serviceRecordActivities(catalogue: Catalogue, journal: Journal) {
  const { requests } = catalogue;
  const remember = async (service: ServiceKey, answer: Answer | undefined): Promise<void> => {
    if (answer) await requests.save({ at: '', ...answer, service });
  };
  return {
    /**
     * A request and its answer, before anybody is told. What is not on record in time never will be: its caller has been
     * told that nothing was started.
     */
    async accept({ service, change, answer, entry, spec }: AcceptTask): Promise<void> {
      const { requestId, expiresAt } = change;
      // By this machine's own clock: a workflow's stands still while its worker does.
      const isLate = expiresAt !== undefined && Date.now() > Date.parse(expiresAt);
      if (isLate && (await requests.find(service, requestId))?.at !== answer.at) {
        throw permanent('Expired', `the request was not to be begun after ${expiresAt}`);
      }
      if (entry) {
        const ref = { service, number: entry.number, actor: change.actor };
        await journal.writeFirst(ref, 'rollout.requested', requestId, requested(entry, requestId), change.reason);
      }
      if (spec && entry) await catalogue.saveService(spec, writeOrder(entry.number, 'request'));
      else if (spec) await catalogue.saveSpec(spec);
      await requests.save({ at: '', ...answer, service, ...(entry ? { entry } : {}) });
      // By Temporal's clock, as all that is on record of requests: this machine's may be years ahead.
      if (answer.at !== undefined)
        await requests.prune(service, new Date(Date.parse(answer.at) - KEPT_MS).toISOString());
    },

    /** What was applied without needing a new revision: retention, strategy, the router's wishes. */
    async saveSpec(spec: ServiceSpec): Promise<void> {
      await catalogue.saveSpec(spec);
    },

    /** A rollout that never began has an end, too. */
    async drop(task: DropTask): Promise<void> {
      const { ref, kind, spec, revision, at, because, answer, forget } = task;
      await journal.write(ref, 'rollout.dropped', kind, { kind }, because);
      // Its service may have been asked for by this very rollout.
      const order = writeOrder(ref.number, 'request');
      if (!(await catalogue.service(ref.service))) await catalogue.saveService(spec, order);
      if (revision) await catalogue.saveRevision({ ...revision, state: 'failed', since: at, endpoints: [] }, order);
      await catalogue.saveRollout(neverBegun(task));
      await remember(ref.service, answer);
      if (forget) await requests.forget(ref.service, forget.requestId, forget.at);
    },

    /**
     * Which revisions are pinned and which are bad. A pin is too late where a rollout has settled without the revision:
     * {@link recordActivities} looks for pins after it has written that, so that one of the two sees the other.
     */
    async mark(task: MarkTask): Promise<{ tooLate: boolean }> {
      const { service, note, change, pinned, bad, answer, isTakenBack = false } = task;
      const type = `revision.${note.kind}${isTakenBack ? '.taken-back' : ''}`;
      await journal.writeForService(service, change, type, { ...note });
      await catalogue.saveMarks(service, { pinned, bad });
      if (isTakenBack) {
        if (answer) await requests.forget(service, answer.requestId, answer.at ?? '');
        return { tooLate: false };
      }
      if (note.kind === 'pin') {
        const state = (await catalogue.revision(service, note.revision))?.state;
        if (state !== 'live' && state !== 'warm') return { tooLate: true };
      }
      await remember(service, answer);
      return { tooLate: false };
    },
  };
}

function neverBegun({ ref, kind, revision, requestedBy, reason, queuedAt, at, because }: DropTask): RolloutRecord {
  return {
    service: ref.service,
    number: ref.number,
    kind,
    ...(revision ? { revision: revision.number } : {}),
    actor: requestedBy,
    ...(reason === undefined ? {} : { reason }),
    startedAt: queuedAt,
    endedAt: at,
    outcome: 'aborted',
    because,
  };
}

function requested({ kind, revision, to }: Entry, requestId: string): JsonObject {
  const target = revision?.number ?? to;
  return {
    kind,
    ...(target === undefined ? {} : { revision: revisionName(target) }),
    ...(revision ? { artifact: revision.artifact } : {}),
    requestId,
  };
}
