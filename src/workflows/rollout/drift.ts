import { ApplicationFailure, isCancellation } from '@temporalio/workflow';
import { formatRevisionName } from '../../domain/service/revision.ts';
import type { DeployedRevision } from '../../domain/service/revision-set.ts';
import { readPool } from '../../domain/pools/pool.ts';
import { BLOCKED_WITHOUT_LOOK } from '../../domain/drift/block.ts';
import { LOOK_LIMIT_MS, lookAtStack } from '../drift/activities.ts';
import { failureText, failureType } from '../shared/activities.ts';
import type { RolloutContext } from './context.ts';

const DRIFTED = 'Drifted';

/**
 * With `drift: block`, looks anew at the stacks that have to be as they were made before traffic moves, and ends the rollout
 * over what nobody has acknowledged. Returns what was found, for people; nothing where no look was asked for.
 */
export async function requireNoDrift(run: RolloutContext, candidate: DeployedRevision): Promise<string[]> {
  if (run.input.settings.drift !== 'block') return [];
  const found: string[] = [];
  for (const standing of chooseSubjects(run, candidate)) found.push(await requireAsMade(run, standing));
  return found;
}

/**
 * A warm revision that is to get the traffic, and what a deployment would go back to. Going back is often the way out of
 * drift, so it does not depend on what it leaves.
 */
function chooseSubjects({ input }: RolloutContext, candidate: DeployedRevision): DeployedRevision[] {
  const { kind, revisionSet } = input;
  const isWarm = revisionSet.warm.some(({ revision }) => revision.number === candidate.revision.number);
  return [...(isWarm ? [candidate] : []), ...(kind === 'deploy' && revisionSet.live ? [revisionSet.live] : [])];
}

async function requireAsMade(run: RolloutContext, { revision }: DeployedRevision): Promise<string> {
  const name = formatRevisionName(revision.number);
  run.progress.wait({
    on: `a look whether ${name} is as it was made`,
    since: new Date().toISOString(),
    until: new Date(Date.now() + LOOK_LIMIT_MS).toISOString(),
    endedBy: 'the look, or an abort',
    then: 'the rollout goes on; where it finds drift that nobody has acknowledged, the rollout ends here',
  });
  try {
    const { state, obstacle } = await lookAtStack(
      { service: run.ref.service, revision: revision.number, ...readPool(revision) },
      { isWaitedFor: true },
    );
    if (obstacle !== undefined) throw refuse(obstacle);
    return state === 'acknowledged' ? `${name} has drifted, which is acknowledged` : `${name} is as it was made`;
  } catch (error) {
    if (isCancellation(error) || failureType(error) === DRIFTED) throw error;
    throw refuse(`${name} could not be looked at, because ${failureText(error)}; ${BLOCKED_WITHOUT_LOOK}`);
  } finally {
    run.progress.wait(undefined);
  }
}

function refuse(message: string): ApplicationFailure {
  return ApplicationFailure.create({ type: DRIFTED, message, nonRetryable: true });
}
