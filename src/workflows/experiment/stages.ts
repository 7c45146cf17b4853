import { ApplicationFailure, TemporalFailure, isCancellation } from '@temporalio/workflow';
import type { LeasedRun } from '../../activities/experiment/leases.ts';
import { type Stage, type StageStep, describeStageFailure } from '../../domain/experiment/drill/stages.ts';
import { failureText, failureType, localFirst } from '../shared/activities.ts';
import { tell } from './admission.ts';
import type { RunContext } from './context.ts';
import { type Failing, probeAll, refuseFailing } from './probes.ts';
import { openAddresses, provisionAll, retireStage, validateAll } from './variants.ts';

/** The stages of a run: those of its drill, or one with all variants. */
export function stagesOf(run: RunContext, { drill }: LeasedRun): Stage[] {
  return drill?.stages ?? [{ variants: run.status.variants.map(({ name }) => name) }];
}

/**
 * Makes the variants of every stage, and finds out about them. The stacks of one stage stay until those of the next have
 * passed, as a rollback keeps what it goes back from until then. Returns who did not pass, of the only stage.
 */
export async function carryOutStages(run: RunContext, leased: LeasedRun): Promise<Failing[]> {
  const stages = stagesOf(run, leased);
  const failing: Failing[] = [];
  for (const [index, stage] of stages.entries()) {
    failing.push(...(await carryOutStage(run, leased, stage)));
    const before = stages[index - 1];
    if (before) await retireStage(run, before);
  }
  return failing;
}

async function carryOutStage(run: RunContext, leased: LeasedRun, stage: Stage): Promise<Failing[]> {
  const place = stage.place?.label;
  await run.phase(
    'provision',
    async (say) => {
      const plan = await inStage(stage, 'provision', () => provisionAll(run, stage));
      if (place === undefined || plan !== '') say(plan);
    },
    place,
  );
  await run.phase(
    'validate',
    async (say) => {
      say(await inStage(stage, 'validate', () => validateAll(run, stage, leased)));
      await openAddresses(run, leased);
    },
    place,
  );
  await localFirst('saveRun', 'where its variants are', [{ status: run.status }]);
  if (leased.handsOver) await endEarlier(run);
  return probeStage(run, leased, stage);
}

/** It is healthy and has the addresses: nobody needs those any more that had them before. */
async function endEarlier(run: RunContext): Promise<void> {
  for (const other of await localFirst('endEarlierRuns', 'it has taken over: earlier runs end', [run.common])) {
    await tell(other);
  }
}

async function probeStage(run: RunContext, leased: LeasedRun, stage: Stage): Promise<Failing[]> {
  if (leased.probes.length === 0) {
    run.progress.skip('probe', 'it has no probes');
    return [];
  }
  return run.phase(
    'probe',
    async (say) => {
      const failing = await probeAll(run, stage, leased);
      // What comes after one that did not pass would be tried on data that nobody meant.
      if (stage.place) await inStage(stage, 'probe', async () => refuseFailing(failing));
      const count = leased.probes.length === 1 ? '1 probe' : `${leased.probes.length} probes`;
      say(failing.length === 0 ? count : `${count}, ${failing.length} not passed`);
      return failing;
    },
    stage.place?.label,
  );
}

/** What tells of a release rather than of what happened around it. */
const FINDINGS = ['StackFailed', 'CheckFailed'];

/** The failure of a drill's stage says which release failed, and on whose data. */
async function inStage<T>({ place }: Stage, step: StageStep, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!place || isCancellation(error) || !(error instanceof TemporalFailure)) throw error;
    const type = failureType(error);
    if (type === undefined || !FINDINGS.includes(type)) throw error;
    const message = describeStageFailure(place, step, failureText(error));
    const found = place.after === undefined ? type : 'RollbackFailed';
    throw ApplicationFailure.create({ type: found, message, nonRetryable: true });
  }
}
