import { formatRolloutName, type RolloutRef } from '../domain/service/requests.ts';
import { formatRevisionName } from '../domain/service/revision.ts';
import { writeOrder } from '../domain/rollout/write-order.ts';
import { createPermanentFailure } from './failures.ts';
import type { Recorder } from './recorder.ts';
import { hasEnded } from './rollout-end.ts';

export interface BaselineTask {
  ref: RolloutRef;
  /** The baseline's number. */
  revision: number;
  /** The revision that is live, and that it is a copy of. */
  copyOf: number;
  /** ISO 8601; from the workflow. */
  at: string;
}

/** What a baseline has to prove, as its release says. */
export interface BegunBaseline {
  /** The names of its checks. */
  checks: string[];
  /** The longest deadline of theirs, in milliseconds. */
  checksMs: number;
}

/** Begins baselines of rollouts that were asked for with one. */
export function baselineActivities({ catalogue, atOnce }: Recorder) {
  return {
    /**
     * Records a baseline, before anything of it exists.
     *
     * @throws ApplicationFailure `NotRecorded` where its rollout was asked for without it, or what it copies is not live
     */
    async beginBaseline({ ref, revision: number, copyOf, at }: BaselineTask): Promise<BegunBaseline> {
      const request = await catalogue.requests.entry(ref.service, ref.number);
      const live = await catalogue.revision(ref.service, copyOf);
      const [name, of] = [formatRevisionName(number), formatRevisionName(copyOf)];
      if (request?.baseline !== number || live?.state !== 'live') {
        const what = `${formatRolloutName(ref)} was not asked for with a baseline ${name} of ${of}, as the record has it`;
        throw createPermanentFailure('NotRecorded', what);
      }
      const { warmUntil: _none, ...release } = live;
      const record = { ...release, number, copyOf, createdAt: at, since: at, endpoints: [] };
      await atOnce(async ({ journal, catalogue: into }) => {
        if (await hasEnded(journal, ref)) return;
        await journal.writeFirst(ref, 'baseline.begun', name, { revision: name, copyOf: of });
        await into.saveRevision({ ...record, state: 'provisioning' }, writeOrder(ref.number, 'open'));
      });
      return {
        checks: live.checks.map((check) => check.name),
        checksMs: Math.max(0, ...live.checks.map(({ deadlineMs }) => deadlineMs)),
      };
    },
  };
}
