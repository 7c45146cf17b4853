import { condition, allHandlersFinished } from '@temporalio/workflow';
import { isHeld } from '../../domain/rollback/hold.ts';
import { localFirst } from '../shared/activities.ts';
import type { RolloutContext } from './context.ts';
import { awaitToldHooks } from './hooks.ts';

/** Also what the catalogue and a closed run show: their last word. */
export async function closeRollout(run: RolloutContext): Promise<void> {
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
