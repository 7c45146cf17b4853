import {
  ApplicationFailure,
  CancellationScope,
  TemporalFailure,
  allHandlersFinished,
  condition,
} from '@temporalio/workflow';
import { describeGate } from '../../domain/gates/gate.ts';
import { describeAim } from '../../domain/rollout/narrate.ts';
import { computeMostMissedMs } from '../../domain/evidence/missed-looks.ts';
import { ROLLOUT_EDITION } from '../../domain/rollout/edition.ts';
import { PREVIEWED, computeAllowanceMs, summarizeOutline } from '../../domain/rollout/exposure.ts';
import { isCompared } from '../../domain/rollout/baseline.ts';
import { type PlannedStep, computeLongestBakeMs, describeShare } from '../../domain/rollout/plan.ts';
import { isRolloutStart, readRolloutInput } from '../../domain/service/messages.ts';
import type { RefusedStart, RolloutInput, RolloutResult } from '../../domain/service/requests.ts';
import type { FreezeDecision } from '../../domain/rollback/aftermath.ts';
import { type Hold, createHold, isHeld } from '../../domain/rollback/hold.ts';
import { describeTold, findRollbackObstacle, judgeRollback } from '../../domain/rollback/safety.ts';
import { type RevisionRef, formatRevisionName } from '../../domain/service/revision.ts';
import type { RolloutOutcome } from '../../domain/rollout/rollout.ts';
import { readPool } from '../../domain/pools/pool.ts';
import { makesOwnLooks } from '../../domain/service/router.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import type { DeployedRevision, RevisionSet } from '../../domain/service/revision-set.ts';
import { readStart, refuseStart } from '../shared/intake.ts';
import { resumeIfBegun, resumeIfSettled } from './resume.ts';
import { RolloutContext } from './context.ts';
import { withinDeadline } from './deadline.ts';
import { awaitToldHooks } from './hooks.ts';
import { requireNoDrift } from './drift.ts';
import { freeze, orFreeze } from './freeze.ts';
import { dismissBaseline } from './dismiss-baseline.ts';
import { passGates } from './gates.ts';
import { carryOutShift } from './held-shift.ts';
import { openPreview } from './preview.ts';
import { makeStacks } from './make-stacks.ts';
import { retireAll, settleOn } from './settle.ts';
import { failureText, failureType, localFirst } from '../shared/activities.ts';
import { takeDown } from '../teardown/take-down.ts';
import { buildStepRoute, closeRoute, computeShiftMs, markExposed, releaseRevisions, shiftTraffic } from './traffic.ts';
import { bakeCandidate, recheckCandidate, validateCandidate } from './validation.ts';

/**
 * Makes a revision live, or puts everything back. Always completes with a result: a rollout that failed is an outcome,
 * not a failed workflow.
 */
export async function rollout(given: RolloutInput): Promise<RolloutResult | RefusedStart> {
  const input = readRolloutInput(given);
  if (!input || !isRolloutStart(input, readStart())) return refuseStart('a rollout is started by its service');
  const run = new RolloutContext(input);
  const attempt = input.kind === 'remove' ? remove : replace;
  let settled: RevisionSet | undefined;
  try {
    settled = await attempt(run);
    run.progress.conclude('succeeded');
  } catch (error) {
    // Anything else is a fault of this code: Temporal repeats the task until it is mended, and nothing is put back.
    if (!(error instanceof TemporalFailure)) throw error;
    if (failureType(error) === 'NotRecorded' && !run.isOpen)
      return CancellationScope.nonCancellable(() => refuseStart(failureText(error)));
    await CancellationScope.nonCancellable(() => putBack(run, error));
  }
  await CancellationScope.nonCancellable(() => close(run));
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
      await open(run);
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
  const { revision, warm, plan } = await run.phase('plan', async (say) => {
    const opened = await open(run);
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
  });

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

/** The steps as things stand, and the revision to make live where it is warm. */
function planSteps(run: RolloutContext): { plan: PlannedStep[]; warm: DeployedRevision | undefined } {
  const warm = warmCandidate(run);
  run.candidate = warm;
  return { plan: run.planSteps(isWarm(run)), warm };
}

/** Its stack stands: it was live before, or something went to it already. */
function isWarm(run: RolloutContext): boolean {
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

const NOTHING_TO_GO_BACK_TO =
  'there is no revision to go back to: there was no previous revision, it never became live, or it is being torn down';

async function open(run: RolloutContext): Promise<RevisionRef> {
  const { revision } = run.input;
  await putOnRecord(run);
  if (!revision) throw ApplicationFailure.create({ type: 'NothingToDo', message: NOTHING_TO_GO_BACK_TO });
  return revision;
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

/** What was asked for comes from the record, where it is in whole. */
async function putOnRecord(run: RolloutContext): Promise<void> {
  const { kind, revision, revisionSet } = run.input;
  const what = describeAim({ kind, ...(revision ? { revision: revision.number } : {}) });
  const opened = await localFirst('open', `record ${what}`, [
    {
      ref: run.ref,
      kind,
      ...(revision ? { revision: revision.number } : {}),
      revisionSet,
      at: run.progress.status.startedAt,
      edition: ROLLOUT_EDITION,
    },
  ]);
  const { edition = 0, checks, checksMs = 0, gone, rollback, hooks = [], gates, stop, breakGlass, ...asked } = opened;
  run.isOpen = true;
  run.edition = edition;
  run.checks = checks;
  run.checksMs = checksMs;
  run.rollback = rollback;
  run.hooks = hooks;
  run.without(gone);
  run.gates.learn({ ...(gates ? { gates } : {}), ...(stop ? { stop } : {}), ...(breakGlass ? { breakGlass } : {}) });
  run.progress.describe(asked);
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

/** Takes the service away: first no new requests, then, once those in flight have ended, the route and every stack. */
async function remove(run: RolloutContext): Promise<RevisionSet> {
  const { live, warm } = run.input.revisionSet;
  const planning = run.controls.abortable(async () => {
    await run.phase('plan', async (say) => {
      await putOnRecord(run);
      const told = run.gates.specs.map(describeGate);
      if (told.length > 0) say(told.join('; '));
    });
    await passGates(run, 'settle');
    await run.controls.safePoint('settle');
  });
  await planning.catch((error: unknown) => resumeIfBegun(run, error));
  run.skip(['provision', 'validate', 'shift', 'bake'], 'nothing is put in its place');
  run.controls.commit();
  return CancellationScope.nonCancellable(async () => {
    const standing = live ? [live, ...warm] : warm;
    await run.phase('settle', async () => {
      const told = `${formatServiceId(run.ref.service)} is being removed`;
      if (standing.length > 0) await closeRoute(run, standing, told, 'the service is removed');
      else {
        const { ref, router } = run;
        await localFirst('removeRoute', 'no route', [{ ref, router, generation: run.nextGeneration() }]);
      }
      const retire = standing.map(({ revision }) => revision.number);
      await localFirst('settle', 'nothing is live', [
        { ref: run.ref, revisionSet: { warm: [] }, retire, ...run.contractTask },
      ]);
    });
    await retireAll(run, { warm: [] }, standing, 'the service is removed');
    return { warm: [] };
  });
}

/** Undoes what was done, latest first: traffic goes back before a stack is touched. */
async function putBack(run: RolloutContext, error: TemporalFailure): Promise<void> {
  const because = run.controls.aborted ?? failureText(error);
  const hadTraffic = run.exposed && !run.isOnlyInspected;
  const decided: RolloutOutcome = run.controls.aborted ? 'aborted' : hadTraffic ? 'rolled-back' : 'failed';
  const outcome = run.recordedOutcome ?? decided;
  run.progress.status.because = because;
  await run.controls.putBack();
  await run.undo.run();
  run.progress.conclude(outcome, because);
  run.blame = findBlame(run, outcome, error);
}

/** What the release is to blame for; nothing where a person ended the rollout, or a machine was in the way. */
function findBlame(run: RolloutContext, outcome: RolloutOutcome, error: TemporalFailure): Hold | undefined {
  const { kind, number, revision } = run.input;
  const { because, endedAt: at = run.progress.status.startedAt } = run.progress.status;
  const failure = failureType(error);
  return createHold({
    ...{ kind, outcome, number, at, hadTraffic: run.exposed },
    ...(run.controls.abortedBy === undefined ? {} : { endedBy: run.controls.abortedBy }),
    ...(revision ? { revision } : {}),
    ...(failure === undefined ? {} : { failure }),
    ...(because === undefined ? {} : { because }),
  });
}

async function destroyCandidate(
  run: RolloutContext,
  revision: RevisionRef,
  becomes: 'retired' | 'failed',
): Promise<void> {
  const beside = run.baseline?.left;
  const all = [{ revision, becomes }, ...(beside ? [{ revision: beside, becomes: 'retired' as const }] : [])];
  await run.phase('teardown', async (say) => {
    const because = run.progress.status.because ?? 'the rollout is put back';
    const numbers = all.map((each) => each.revision.number);
    if (run.exposed || run.isPreviewed) await releaseRevisions(run, run.input.revisionSet, numbers, because);
    const done = await Promise.all(
      all.map(async (each) => {
        const { number } = each.revision;
        const task = { ref: run.ref, revision: number, becomes: each.becomes, because };
        const left = await takeDown({ ...task, ...readPool(each.revision) });
        if (left !== undefined) run.progress.quarantine(left);
        return left === undefined ? `${formatRevisionName(number)} is destroyed` : `${left} is quarantined`;
      }),
    );
    say([...done, ...run.progress.cut].join('; '));
  });
}

/** Also what the catalogue and a closed run show: their last word. */
async function close(run: RolloutContext): Promise<void> {
  if (run.told.length > 0) await awaitToldHooks(run);
  const { kind, revision } = run.input;
  const { reason, outcome = 'failed', because, startedAt, endedAt = startedAt, exposure } = run.progress.status;
  await localFirst('close', `the rollout has ${outcome}`, [
    {
      ref: run.ref,
      kind,
      ...(revision ? { revision: revision.number } : {}),
      ...(revision && kind === 'deploy' && outcome !== 'succeeded' ? { failed: revision.number } : {}),
      ...(run.baseline && !run.baseline.isDismissed ? { baseline: run.baseline.revision.number } : {}),
      ...(reason === undefined ? {} : { reason }),
      startedAt,
      at: endedAt,
      outcome,
      ...(because === undefined ? {} : { because }),
      ...(exposure ? { exposure } : {}),
      ...(run.blame ? { blame: run.blame, isHeld: isHeld(run.blame, run.input.revisionSet) } : {}),
    },
  ]);
  run.controls.close();
  run.progress.publish();
  // Those who aborted it are answered.
  await condition(allHandlersFinished);
}
