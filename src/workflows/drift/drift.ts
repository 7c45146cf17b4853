import { TemporalFailure, continueAsNew, isCancellation, setCurrentDetails } from '@temporalio/workflow';
import { type DriftScope, type DriftTally, readDriftScope } from '../../domain/drift/messages.ts';
import type { LookTarget } from '../../domain/drift/record.ts';
import type { RefusedStart } from '../../domain/service/requests.ts';
import { readStart, refuseStart } from '../shared/intake.ts';
import { failureText, failureType } from '../shared/activities.ts';
import { listTargets, lookAtStack, noteTrouble } from './activities.ts';

/** So many stacks are looked at at the same time: engines have other work. */
const AT_ONCE = 2;

/** So many stacks are asked for at a time, and so many pages has a run before it goes on in a new one. */
const PAGE = 20;
const PAGES = 10;

/**
 * One look at all stacks that are up, or at those of one service: what is not as it was made is noted. A stack that cannot be
 * looked at keeps nobody from looking at the next. Returns what it has seen.
 */
export async function drift(given?: DriftScope): Promise<string | RefusedStart> {
  const scope = readDriftScope(given, readStart());
  if (!scope) return refuseStart('looks for drift are started by their schedule, or by a gateway');
  const { service, after = '', tally = { looked: 0, failed: 0, drifted: 0 } } = scope;
  const only = service ? { service } : {};
  try {
    let place: string | undefined = after;
    for (let page = 0; place !== undefined; page += 1) {
      if (page === PAGES) return await continueAsNew<typeof drift>({ ...only, after: place, tally });
      const { targets, next } = await listTargets({ ...only, after: place, limit: PAGE });
      await lookAtAll(targets, tally, { isWaitedFor: service !== undefined });
      place = next;
    }
    return summarize(tally);
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    const trouble = `it could not look: ${failureText(error)}`;
    setCurrentDetails(trouble);
    return trouble;
  }
}

interface LookOptions {
  isWaitedFor: boolean;
}

async function lookAtAll(targets: readonly LookTarget[], tally: DriftTally, options: LookOptions): Promise<void> {
  const waiting = [...targets];
  const work = async (): Promise<void> => {
    for (let target = waiting.shift(); target; target = waiting.shift()) await lookAt(target, tally, options);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  setCurrentDetails(summarize(tally));
}

async function lookAt(target: LookTarget, tally: DriftTally, options: LookOptions): Promise<void> {
  tally.looked += 1;
  try {
    const { state } = await lookAtStack(target, options);
    if (state === 'drifted') tally.drifted += 1;
  } catch (error) {
    if (isCancellation(error)) throw error;
    tally.failed += 1;
    // A look that came to its own end has noted why it did not succeed.
    if (failureType(error) !== 'Unavailable') await noteTrouble(target, failureText(error));
  }
}

function summarize({ looked, failed, drifted }: DriftTally): string {
  const stacks = looked === 1 ? '1 stack' : `${looked} stacks`;
  return `${stacks}, ${drifted} not as they were made, ${failed} that could not be looked at`;
}
