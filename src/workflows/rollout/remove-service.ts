import { CancellationScope } from '@temporalio/workflow';
import { describeGate } from '../../domain/gates/gate.ts';
import type { RevisionSet } from '../../domain/service/revision-set.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import { localFirst } from '../shared/activities.ts';
import type { RolloutContext } from './context.ts';
import { passGates } from './gates.ts';
import { putOnRecord } from './opening.ts';
import { resumeIfBegun } from './resume.ts';
import { retireAll } from './settle.ts';
import { closeRoute } from './traffic.ts';

/** Takes the service away: first no new requests, then, once those in flight have ended, the route and every stack. */
export async function removeService(run: RolloutContext): Promise<RevisionSet> {
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
      await localFirst('settle', 'nothing is live', () => [
        { ref: run.ref, now: Date.now(), revisionSet: { warm: [] }, retire, ...run.contractTask },
      ]);
    });
    await retireAll(run, { warm: [] }, standing, 'the service is removed');
    return { warm: [] };
  });
}
