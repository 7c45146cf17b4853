import { ApplicationFailure } from '@temporalio/workflow';
import { ROLLOUT_EDITION } from '../../domain/rollout/edition.ts';
import { describeAim } from '../../domain/rollout/narrate.ts';
import type { RevisionRef } from '../../domain/service/revision.ts';
import { localFirst } from '../shared/activities.ts';
import type { RolloutContext } from './context.ts';

const NOTHING_TO_GO_BACK_TO =
  'there is no revision to go back to: there was no previous revision, it never became live, or it is being torn down';

/** Puts it on record. @throws ApplicationFailure `NothingToDo` where there is no revision that it could make live */
export async function openWithRevision(run: RolloutContext): Promise<RevisionRef> {
  const { revision } = run.input;
  await putOnRecord(run);
  if (!revision) throw ApplicationFailure.create({ type: 'NothingToDo', message: NOTHING_TO_GO_BACK_TO });
  return revision;
}

/** What was asked for comes from the record, where it is in whole. */
export async function putOnRecord(run: RolloutContext): Promise<void> {
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
