import { CancellationScope, TemporalFailure, continueAsNew, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { LeasedRun } from '../../activities/experiment/leases.ts';
import type { Ending } from '../../activities/experiment/records.ts';
import { describeProven } from '../../domain/experiment/drill/judge.ts';
import { readExperimentInput, readRunStart } from '../../domain/experiment/messages.ts';
import type { ExperimentInput, RunOutcome, RunStatus } from '../../domain/experiment/run.ts';
import type { RefusedStart } from '../../domain/service/requests.ts';
import { failureText, localFirst } from '../shared/activities.ts';
import { readStart, refuseStart } from '../shared/intake.ts';
import { type Admitted, admitRun, tell } from './admission.ts';
import { RunContext } from './context.ts';
import { describeEnding } from './controls.ts';
import { compareAll, refuseFailing } from './probes.ts';
import { carryOutStages } from './stages.ts';
import { closeAddresses, destroyAll, takeLeases } from './variants.ts';

/** Set by Temporal, on what a schedule starts. */
const SCHEDULED_BY = defineSearchAttributeKey('TemporalScheduledById', 'KEYWORD');

export interface ExperimentResult {
  status: RunStatus;
}

const SUCCEEDED: Ending = { by: 'supplant', outcome: 'succeeded' };

/**
 * One run: makes its variants, finds out about them, and leaves nothing behind. Always completes with a result: a run that
 * failed is an outcome, not a failed workflow.
 */
export async function experiment(given: ExperimentInput): Promise<ExperimentResult | RefusedStart> {
  const run = new RunContext();
  const input = readExperimentInput(given);
  const start = input && readRunStart(input, readStart(), workflowInfo().typedSearchAttributes.get(SCHEDULED_BY));
  if (!input || !start) return refuseStart('a run of an experiment is started by a request, or by its schedule');
  let ending: Ending;
  try {
    const admitted = await admitRun(run, input, start, workflowInfo().startTime.toISOString());
    if (admitted.kind === 'over') return { status: admitted.status };
    if (admitted.kind === 'skipped') return await CancellationScope.nonCancellable(() => skip(run, admitted));
    ending = await carryOut(run, admitted);
  } catch (error) {
    // Anything else is a fault of this code: Temporal repeats the task until it is mended.
    if (!(error instanceof TemporalFailure)) throw error;
    if (!run.isKnown) return CancellationScope.nonCancellable(() => refuseStart(failureText(error)));
    ending = run.controls.explain(error, run.progress);
  }
  await CancellationScope.nonCancellable(() => leaveNothing(run, input, ending));
  return { status: run.status };
}

/** From nothing to results. */
async function carryOut(run: RunContext, { isEnding }: Extract<Admitted, { kind: 'goes-on' }>): Promise<Ending> {
  run.progress.list();
  // It was begun before, and is to destroy what it has.
  if (isEnding) return SUCCEEDED;
  return run.controls.attempt(run.progress, () => findOut(run));
}

async function findOut(run: RunContext): Promise<Ending> {
  const leased = await run.phase('lease', () => takeLeases(run));
  const failing = await carryOutStages(run, leased);
  if (leased.compares) await run.phase('compare', async (say) => say(await compareAll(run)));
  else run.progress.skip('compare', 'there is nothing to compare');
  refuseFailing(failing);

  if (leased.stay === 'until-ttl') await run.phase('hold', () => hold(run, leased));
  else run.progress.skip('hold', 'its stacks are not to stay');
  return leased.drill ? { ...SUCCEEDED, reason: describeProven(leased.drill) } : SUCCEEDED;
}

/** People look at its variants until its time is over. */
async function hold(run: RunContext, { handsOver }: LeasedRun): Promise<void> {
  run.progress.wait({
    on: 'the end of its TTL',
    since: new Date().toISOString(),
    until: run.status.deadlineAt,
    endedBy: handsOver ? 'stop, or the next run once that is healthy' : 'stop',
    then: 'its stacks are destroyed',
  });
  await localFirst('saveRun', 'its stacks stay for a while', [{ status: run.status }]);
  await run.controls.holdOut();
  run.progress.wait(undefined);
}

/** Whatever became of it: that it ends is recorded, and its stacks go. The first that is recorded stands. */
async function leaveNothing(run: RunContext, input: ExperimentInput, wanted: Ending): Promise<void> {
  const task = { status: run.status, ending: wanted };
  const { ending, variants, hasAddresses } = await localFirst('recordEnding', `it ends: ${wanted.outcome}`, [task]);
  const because = describeEnding(ending);
  run.progress.because(because);
  run.progress.variants(variants);
  if (variants.length === 0) run.progress.skip('destroy', 'no stack was made');
  else await run.phase('destroy', () => destroy(run, input, { because: because ?? ending.outcome, hasAddresses }));
  await close(run, ending.outcome, because);
}

async function destroy(
  run: RunContext,
  input: ExperimentInput,
  { because, hasAddresses }: { because: string; hasAddresses: boolean },
): Promise<void> {
  // A router that does not answer keeps no stack: what it still leads to is taken away from it afterwards.
  const isClosed = hasAddresses && (await isDone(closeAddresses(run, { forAtMost: '30s' })));
  if (!(await destroyAll(run, because))) {
    await localFirst('saveRun', 'it goes on in a new run', [{ status: run.status }]);
    await continueAsNew<typeof experiment>(input);
  }
  if (hasAddresses && !isClosed) await waitForRouter(run);
}

/** What it still leads to is gone: nobody is harmed, and it is told so as soon as it answers. */
async function waitForRouter(run: RunContext): Promise<void> {
  run.progress.wait({
    on: 'the router, which did not answer, to take its variants out',
    since: new Date().toISOString(),
    endedBy: 'the router, when it answers again',
    then: 'the run ends',
  });
  await isDone(closeAddresses(run));
  run.progress.wait(undefined);
}

async function isDone(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch {
    return false;
  }
}

/** It does not take place, for a reason that is recorded. */
async function skip(run: RunContext, { because }: Extract<Admitted, { kind: 'skipped' }>): Promise<ExperimentResult> {
  run.progress.list();
  await close(run, 'skipped', because);
  return { status: run.status };
}

async function close(run: RunContext, outcome: RunOutcome, because?: string): Promise<void> {
  const concluded = run.progress.conclude(outcome, because);
  const { status, waiting } = await localFirst('endRun', `record its end: ${outcome}`, [{ status: concluded }]);
  run.progress.adopt(status);
  run.progress.publish();
  for (const other of waiting) await tell(other);
}
