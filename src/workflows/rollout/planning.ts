import { ApplicationFailure } from '@temporalio/workflow';
import { describeGate } from '../../domain/gates/gate.ts';
import { findRollbackObstacle, judgeRollback, describeTold } from '../../domain/rollback/safety.ts';
import { PREVIEWED, summarizeOutline } from '../../domain/rollout/exposure.ts';
import type { PlannedStep } from '../../domain/rollout/plan.ts';
import type { DeployedRevision } from '../../domain/service/revision-set.ts';
import type { RevisionRef } from '../../domain/service/revision.ts';
import { makesOwnLooks } from '../../domain/service/router.ts';
import { localFirst } from '../shared/activities.ts';
import type { RolloutContext } from './context.ts';
import { openWithRevision } from './opening.ts';

/** What is to be made live, and in which steps. */
export interface RevisionPlan {
  revision: RevisionRef;
  plan: PlannedStep[];
  /** Where its stack stands already. */
  warm: DeployedRevision | undefined;
}

/** Puts the rollout on record, and finds out all that would keep it from its end before anything is made. */
export async function planRevision(run: RolloutContext, say: (note: string) => void): Promise<RevisionPlan> {
  const opened = await openWithRevision(run);
  const wayBack = requireWayBack(run, opened);
  // What it was told of may be gone by now.
  const planned = planSteps(run);
  const told = [
    ...describeReturn(run),
    ...describeSteps(run),
    ...(run.progress.status.plan?.hasPreview ? [PREVIEWED] : []),
    ...(run.baseline ? [`compared with ${run.baseline.words}`] : []),
    ...(wayBack === undefined ? [] : [wayBack]),
    ...run.gates.specs.map(describeGate),
  ];
  if (told.length > 0) say(told.join('; '));
  await findRoom(run);
  return { revision: opened, ...planned };
}

/** The steps as things stand, and the revision to make live where it is warm. */
export function planSteps(run: RolloutContext): Omit<RevisionPlan, 'revision'> {
  const warm = warmCandidate(run);
  run.candidate = warm;
  return { plan: run.planSteps(isWarm(run)), warm };
}

/** Its stack stands: it was live before, or something went to it already. */
export function isWarm(run: RolloutContext): boolean {
  return warmCandidate(run) !== undefined;
}

/** Why a rollback to a warm revision takes its steps. */
function describeReturn({ input: { inSteps } }: RolloutContext): string[] {
  return inSteps === undefined ? [] : [`in steps: ${inSteps}`];
}

/** A plan of several steps, in words: of one step the phases say all. */
function describeSteps({ progress }: RolloutContext): string[] {
  const { plan } = progress.status;
  return plan && plan.weights.length > 1 ? [summarizeOutline(plan)] : [];
}

/** The revision to make live, where it is warm. */
function warmCandidate({ input }: RolloutContext): DeployedRevision | undefined {
  return input.revisionSet.warm.find((standing) => standing.revision.number === input.revision?.number);
}

/** What is known of going back from it to what is live now, which may be another revision than when it was asked for. */
function requireWayBack({ input, rollback }: RolloutContext, revision: RevisionRef): string | undefined {
  const { kind, service, settings, revisionSet } = input;
  if (kind !== 'deploy') return undefined;
  const { rollbackSafety: demand } = settings;
  const safety = judgeRollback(revision.release, revisionSet.live?.revision, rollback ? [rollback] : []);
  const obstacle = findRollbackObstacle(service, revision.label, safety, demand);
  if (!obstacle) return describeTold(safety, demand);
  const message = `${obstacle.message}; ${obstacle.suggestion}`;
  throw ApplicationFailure.create({ type: 'RollbackNotProven', message, nonRetryable: true });
}

/** Limits of the router, before anything exists that it would have to take in. */
async function findRoom(run: RolloutContext): Promise<void> {
  const { ref, router } = run;
  if (!makesOwnLooks(router) || warmCandidate(run)) return;
  const obstacles = await localFirst('checkRoom', 'room for one more revision', [{ ref, router }]);
  if (obstacles.length === 0) return;
  throw ApplicationFailure.create({ type: 'RouteRefused', message: obstacles.join('; '), nonRetryable: true });
}
