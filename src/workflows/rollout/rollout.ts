import { CancellationScope, TemporalFailure } from '@temporalio/workflow';
import { computeMostMissedMs } from '../../domain/evidence/missed-looks.ts';
import type { FreezeDecision } from '../../domain/rollback/aftermath.ts';
import { isCompared } from '../../domain/rollout/baseline.ts';
import { computeAllowanceMs } from '../../domain/rollout/exposure.ts';
import { type PlannedStep, computeLongestBakeMs, describeShare } from '../../domain/rollout/plan.ts';
import { isRolloutStart, readRolloutInput } from '../../domain/service/messages.ts';
import type { RefusedStart, RolloutInput, RolloutResult } from '../../domain/service/requests.ts';
import type { DeployedRevision, RevisionSet } from '../../domain/service/revision-set.ts';
import { type RevisionRef, formatRevisionName } from '../../domain/service/revision.ts';
import { makesOwnLooks } from '../../domain/service/router.ts';
import { failureText, failureType } from '../shared/activities.ts';
import { readStart, refuseStart } from '../shared/intake.ts';
import { closeRollout } from './close.ts';
import { RolloutContext } from './context.ts';
import { withinDeadline } from './deadline.ts';
import { dismissBaseline } from './dismiss-baseline.ts';
import { requireNoDrift } from './drift.ts';
import { freeze, orFreeze } from './freeze.ts';
import { passGates } from './gates.ts';
import { carryOutShift } from './held-shift.ts';
import { makeStacks } from './make-stacks.ts';
import { openWithRevision } from './opening.ts';
import { isWarm, planRevision, planSteps } from './planning.ts';
import { openPreview } from './preview.ts';
import { destroyCandidate, putBackRollout } from './put-back.ts';
import { removeService } from './remove-service.ts';
import { resumeIfBegun, resumeIfSettled } from './resume.ts';
import { settleOn } from './settle.ts';
import { buildStepRoute, computeShiftMs, markExposed, shiftTraffic } from './traffic.ts';
import { bakeCandidate, recheckCandidate, validateCandidate } from './validation.ts';

/**
 * Makes a revision live, or puts everything back. Always completes with a result: a rollout that failed is an outcome,
 * not a failed workflow.
 */
export async function rollout(given: RolloutInput): Promise<RolloutResult | RefusedStart> {
  const input = readRolloutInput(given);
  if (!input || !isRolloutStart(input, readStart())) return refuseStart('a rollout is started by its service');
  const run = new RolloutContext(input);
  const attempt = input.kind === 'remove' ? removeService : replace;
  let settled: RevisionSet | undefined;
  try {
    settled = await attempt(run);
    run.progress.conclude('succeeded');
  } catch (error) {
    // Anything else is a fault of this code: Temporal repeats the task until it is mended, and nothing is put back.
    if (!(error instanceof TemporalFailure)) throw error;
    if (failureType(error) === 'NotRecorded' && !run.isOpen)
      return CancellationScope.nonCancellable(() => refuseStart(failureText(error)));
    await CancellationScope.nonCancellable(() => putBackRollout(run, error));
  }
  await CancellationScope.nonCancellable(() => closeRollout(run));
  const { baseline, blame, progress } = run;
  return {
    status: progress.status,
    revisionSet: settled ?? run.input.revisionSet,
    ...(blame ? { blame } : {}),
    ...(baseline?.isDismissed ? { dismissed: { revision: baseline.revision.number, copyOf: baseline.copyOf } } : {}),
  };
}

async function replace(run: RolloutContext): Promise<RevisionSet> {
  const { revisionSet, revision } = run.input;
  if (revisionSet.live && revisionSet.live.revision.number === revision?.number) return stayOn(run, revisionSet.live);
  const bringing = run.controls.abortable(() => bringIn(run));
  const candidate = await bringing.catch((error: unknown) => resumeIfSettled(run, error, decideOnMoved));
  run.controls.commit();
  run.progress.expose(0);
  return CancellationScope.nonCancellable(() => settleOn(run, candidate));
}

/** What is asked for is so already. Bringing the revision in once more would put its stack at risk. */
async function stayOn(run: RolloutContext, { revision }: DeployedRevision): Promise<RevisionSet> {
  const note = `${formatRevisionName(revision.number)} is live already`;
  const planning = run.controls.abortable(async () => {
    await run.phase('plan', async (say) => {
      await openWithRevision(run);
      // Nothing happens that they could be called before or after.
      run.hooks = [];
      say(note);
    });
    await run.controls.safePoint('settle');
  });
  await planning.catch((error: unknown) => resumeIfBegun(run, error));
  run.skip(['provision', 'validate', 'shift', 'bake', 'settle', 'teardown'], note);
  return run.input.revisionSet;
}

/** From nothing to a revision that carries all traffic. Every step is noted for {@link putBack} before it is made. */
async function bringIn(run: RolloutContext): Promise<DeployedRevision> {
  planSteps(run);
  const { revision, warm, plan } = await run.phase('plan', (say) => planRevision(run, say));

  let candidate: DeployedRevision;
  if (warm) {
    candidate = warm;
    run.skip(['provision'], `${formatRevisionName(revision.number)} is warm`);
    // Beyond the rollback window it has to prove all that a new one has to.
    const prove = run.input.inSteps === undefined ? recheckCandidate : validateCandidate;
    await run.phase('validate', (say) => validate(run, candidate, prove, say));
  } else {
    await passGates(run, 'provision');
    candidate = await run.phase('provision', (say) =>
      withinDeadline(run, 'provision', 0, () => provision(run, revision, say)),
    );
    run.candidate = candidate;
    await run.phase('validate', (say) => validate(run, candidate, validateCandidate, say));
  }

  for (const step of plan) {
    if (run.controls.isPromotedInFull && step.number < step.of) run.progress.skipStep(step.number, 'promoted in full');
    else await seeStepThrough(run, candidate, step);
  }
  if (plan.every(({ bakeMs }) => bakeMs === 0)) {
    run.skip(['bake'], warm ? `${formatRevisionName(revision.number)} has been live before` : 'no bake asked for');
  }
  await orFreeze(run, async () => {
    await passGates(run, 'settle');
    await run.controls.safePoint('settle');
    await run.callHooks('before', 'settle');
  });
  return candidate;
}

/** A step that failed is repeated, or passed over, where the rollout may not go back and somebody has decided so. */
async function seeStepThrough(
  run: RolloutContext,
  candidate: DeployedRevision,
  step: PlannedStep,
  before?: FreezeDecision,
): Promise<void> {
  const { analysisWorth } = run;
  await orFreeze(
    run,
    async (decided) => {
      run.analysisWorth = analysisWorth;
      // Its traffic is written in any case: that may be what has failed.
      await carryOutStep(run, candidate, decided === 'promote' ? { ...step, bakeMs: 0 } : step);
      if (decided === 'promote') run.skip(['bake'], `what failed in step ${step.number} was passed over`);
    },
    before,
  );
}

/** Traffic was moved in a task that was lost, and something fails now: where it may not go back, somebody decides. */
async function decideOnMoved(run: RolloutContext, candidate: DeployedRevision, error: unknown): Promise<void> {
  const last = run.planSteps(isWarm(run)).at(-1);
  if (!last) throw error;
  run.progress.expose(last.weight);
  await run.controls.abortable(async () => seeStepThrough(run, candidate, last, await freeze(run, error)));
}

/** The candidate has to prove its health; where drift is to block, stacks are looked at as well. */
async function validate(
  run: RolloutContext,
  candidate: DeployedRevision,
  prove: typeof validateCandidate,
  say: (note: string) => void,
): Promise<void> {
  const proven = await withinDeadline(run, 'validate', run.checksMs, () => prove(run, candidate));
  const undrifted = await requireNoDrift(run, candidate);
  const looked = prove === validateCandidate && !isWarm(run) ? await openPreview(run, candidate) : [];
  say([proven, ...undrifted, ...looked].join('; '));
}

/** Traffic moves, and the candidate has to stay healthy with it. */
async function carryOutStep(run: RolloutContext, candidate: DeployedRevision, step: PlannedStep): Promise<void> {
  const { number, of, bakeMs } = step;
  run.currentStep = step;
  // While it holds, the traffic is as the step before left it.
  await passGates(run, 'shift', number);
  await run.step(number, async () => {
    await run.phase('shift', async (say) => {
      const limitMs = computeShiftMs(run.router, step);
      await carryOutShift(run, step, () => withinDeadline(run, 'shift', limitMs, () => shift(run, candidate, step)));
      if (of > 1) say(`${describeShare(step)}, step ${number} of ${of}`);
    });
    if (!isCompared(step)) await dismissBaseline(run, () => buildStepRoute(run, candidate, step));
    if (bakeMs === 0) return undefined;
    return run.phase('bake', async (say) => {
      const lastsMs = computeLongestBakeMs(step) + computeAllowanceMs(step) + computeMostMissedMs(bakeMs);
      const found = await withinDeadline(run, 'bake', lastsMs, () => bakeCandidate(run, candidate, step));
      say(of > 1 ? `${found}, in step ${number} of ${of}` : found);
      return found;
    });
  });
}

async function provision(
  run: RolloutContext,
  revision: RevisionRef,
  say: (note: string) => void,
): Promise<DeployedRevision> {
  const becomes = run.input.kind === 'deploy' ? 'failed' : 'retired';
  run.undo.push(() => destroyCandidate(run, revision, becomes));
  run.candidate = await makeStacks(run, revision, say);
  return run.candidate;
}

/** Why traffic moves. */
function describePassed({ controls }: RolloutContext, { number, of }: PlannedStep): string {
  if (number === 1) return 'checks passed';
  return controls.isPromotedInFull ? 'promoted in full' : `step ${number - 1} of ${of} passed`;
}

async function shift(run: RolloutContext, candidate: DeployedRevision, step: PlannedStep): Promise<void> {
  const isFirst = !run.exposed;
  const wasOnlyInspected = run.isOnlyInspected;
  markExposed(run, candidate);
  run.isOnlyInspected = step.audience === 'inspection';
  try {
    const because = `${run.input.kind} of ${formatRevisionName(candidate.revision.number)}: ${describePassed(run, step)}`;
    await shiftTraffic(run, candidate, step, because);
  } catch (error) {
    // The router did not take it: the candidate has what it had before.
    const isListed = makesOwnLooks(run.router);
    if (!isListed && failureType(error) === 'RouteRefused') {
      run.isOnlyInspected = wasOnlyInspected;
      if (isFirst) run.exposed = false;
      if (isFirst || wasOnlyInspected) run.progress.expose(0);
    }
    throw error;
  }
}
