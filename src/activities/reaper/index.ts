import type { StackName } from '../../domain/reaper/facts.ts';
import { judgeStack } from '../../domain/reaper/judge.ts';
import { addHeartbeats } from '../heartbeat.ts';
import { Facts } from './facts.ts';
import { type HostAnswer, type MachineParts, findOtherHosts, takeInventory } from './machines.ts';
import { type ReapParts, reap } from './reap.ts';
import { type Survey, survey } from './survey.ts';

/** Looks and short steps of the reaper; they run as other short steps do. */
export function createReaperActivities(parts: ReapParts & MachineParts) {
  return addHeartbeats({
    /** @param answers of all other hosts; where there are any that were not asked, they are to be asked first */
    async survey(answers?: HostAnswer[]): Promise<Survey | { ask: string[] }> {
      const ask = answers ? [] : await findOtherHosts(parts);
      return ask.length > 0 ? { ask } : survey(parts, answers);
    },

    /** Whether the reaper has noted that the teardown of that stack has to be begun again, and nobody owns it still. */
    async confirmTeardown(id: StackName): Promise<boolean> {
      const note = await parts.reaper.log.note(id);
      if (note?.reason !== 'teardown' || note.triedAt === undefined) return false;
      const facts = await new Facts({ ...parts, workflows: parts.reaper.workflows }).of(id);
      // The teardown that asks is the one that is found.
      const revision = facts.revision && { ...facts.revision, teardown: 'gone' as const };
      const judged = judgeStack(id, { ...facts, revision }, new Date());
      return judged.is === 'ownerless' && judged.reason === 'teardown';
    },
  });
}

/** Engine operations of the reaper, and what a host has; they share the places of others. */
export function createReapActivities(parts: ReapParts & MachineParts) {
  return { reap: (id: StackName) => reap(id, parts), ...addHeartbeats({ takeInventory: () => takeInventory(parts) }) };
}

export type ReaperActivities = ReturnType<typeof createReaperActivities>;
export type ReapActivities = ReturnType<typeof createReapActivities>;
