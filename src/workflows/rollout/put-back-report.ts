import { CancellationScope, getExternalWorkflowHandle } from '@temporalio/workflow';
import { type PutBackStage, type RolloutRef, workflowIds } from '../../domain/service/requests.ts';
import { putBackReportSignal } from '../shared/messages.ts';
import { localFirst } from '../shared/activities.ts';

/**
 * Tells a rollout's service that it will not make live what it was to, so that nothing new is measured against that. On
 * record first, where the service looks: anybody could send it the message.
 */
export async function reportPutBack(ref: RolloutRef, stage: PutBackStage, because?: string): Promise<void> {
  const { service, number } = ref;
  const told = getExternalWorkflowHandle(workflowIds.service(service));
  await CancellationScope.nonCancellable(async () => {
    const why = because === undefined ? {} : { because };
    await localFirst('recordPutBack', stage === 'begun' ? 'it is put back' : 'it is to be put back', () => [
      { ref, stage, now: Date.now(), ...why },
    ]);
    try {
      await told.signal(putBackReportSignal, { rollout: number, stage });
    } catch {
      // Somebody terminated the service's workflow. Begun afresh it asks whether this rollout is still there, and is told.
    }
  });
}
