import { setCurrentDetails } from '@temporalio/workflow';
import { isLook, reaperIds } from '../../domain/reaper/ids.ts';
import { readReapTarget } from '../../domain/reaper/messages.ts';
import type { ReapTarget } from '../../domain/reaper/facts.ts';
import type { RefusedStart } from '../../domain/service/requests.ts';
import { readStart, refuseStart } from '../shared/intake.ts';
import { reapOnce } from './activities.ts';

/**
 * Destroys a stack that nobody owns, once; the reaper's next looks see whether it is to be tried again. That it is nobody's
 * is looked up anew before anything is touched. Returns what has come of it.
 */
export async function reap(given: ReapTarget): Promise<string | RefusedStart> {
  const id = readReapTarget(given);
  const { workflowId, parentId = '' } = readStart();
  if (!id || workflowId !== reaperIds.reap(id) || !isLook(parentId)) {
    return refuseStart('stacks are destroyed by looks of the reaper only');
  }
  const outcome = await reapOnce(id);
  setCurrentDetails(`**${id.stack}**: ${outcome}`);
  return outcome;
}
