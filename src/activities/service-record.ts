import type { Change, Note, RolloutRef } from '../domain/requests.ts';
import type { Revision } from '../domain/revision.ts';
import type { RolloutKind } from '../domain/rollout.ts';
import type { ServiceKey, ServiceSpec } from '../domain/service.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Journal } from './journal.ts';

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
}

export interface MarkTask {
  service: ServiceKey;
  note: Note;
  change: Change;
  /** All of them, now. */
  pinned: number[];
  bad: number[];
}

/** Puts on record what was decided about a service without a rollout having begun. */
export function serviceRecordActivities(catalogue: Catalogue, journal: Journal) {
  return {
    /** What was applied without needing a new revision: retention, strategy, the router's wishes. */
    async saveSpec(spec: ServiceSpec): Promise<void> {
      await catalogue.saveService(spec);
    },

    /** A rollout that never began has an end, too. */
    async drop({ ref, kind, spec, revision, requestedBy, reason, queuedAt, at, because }: DropTask): Promise<void> {
      await journal.write(ref, 'rollout.dropped', kind, { kind }, because);
      // Its service may have been asked for by this very rollout.
      if (!(await catalogue.service(ref.service))) await catalogue.saveService(spec);
      if (revision) await catalogue.saveRevision({ ...revision, state: 'failed', since: at, endpoints: [] });
      await catalogue.saveRollout({
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
      });
    },

    /** Which revisions are pinned and which are bad. */
    async mark({ service, note, change, pinned, bad }: MarkTask): Promise<void> {
      await journal.writeForService(service, change, `revision.${note.kind}`, { ...note, pinned, bad });
      await catalogue.saveMarks(service, { pinned, bad });
    },
  };
}
