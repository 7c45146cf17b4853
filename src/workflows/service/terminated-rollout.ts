import { readPool } from '../../domain/pools/pool.ts';
import type { RolloutInput } from '../../domain/service/requests.ts';
import { type RevisionRef, formatStackName } from '../../domain/service/revision.ts';
import { applyPutBack, applyTeardownReport, findActive, withRevisionSet } from '../../domain/service/state.ts';
import { buildRoute } from '../../domain/traffic/build-route.ts';
import { computeServiceGeneration } from '../../domain/traffic/generation.ts';
import type { ServiceContext } from './context.ts';
import { localFirst } from '../shared/activities.ts';
import { startTeardown } from '../teardown/take-down.ts';

/** What has to be known of a rollout to clear up after it. */
type TerminatedRollout = Pick<RolloutInput, 'number' | 'kind' | 'settings' | 'revision' | 'revisionSet'>;

/** Somebody terminated the rollout: what is recorded decides what is live, traffic goes there, the rest is taken down. */
export async function reconcileTerminated(context: ServiceContext, input: TerminatedRollout): Promise<void> {
  const { key } = context.state;
  const ref = { service: key, number: input.number, actor: 'supplant' };
  const because = 'the rollout was terminated';
  const rollout = input.number;
  context.state = applyPutBack(context.state, { rollout, stage: 'asked' });
  const { revisionSet, baselines = [] } = await localFirst('recall', 'what is live, after a terminated rollout', [key]);
  const { revision } = input;
  const settled =
    input.kind === 'remove'
      ? revisionSet.live === undefined && revisionSet.warm.length === 0
      : revision !== undefined && revision.number === revisionSet.live?.revision.number;
  context.state = withRevisionSet(context.state, revisionSet, { kind: input.kind, isDone: settled });
  // What is live is known from here on, whichever it is.
  context.state = applyPutBack(context.state, { rollout, stage: 'begun' });
  const { router } = input.settings;
  const written = computeServiceGeneration(input.number, 0);
  if (revisionSet.live) {
    const route = buildRoute(key, written, revisionSet.live, revisionSet.warm);
    await localFirst('shift', 'traffic to what is live', [{ ref, router, route, because }]);
  } else {
    await localFirst('removeRoute', 'nothing is live: no route', [{ ref, router, generation: written }]);
  }
  for (const each of [...involved(input), ...baselines]) {
    if (!findActive(revisionSet, each.number)) await abandonStack(context, input, each, because);
  }
  await localFirst('close', 'the rollout was terminated', [
    {
      ref,
      kind: input.kind,
      ...(revision ? { revision: revision.number } : {}),
      startedAt: new Date().toISOString(),
      at: new Date().toISOString(),
      outcome: settled ? 'succeeded' : 'failed',
      because,
    },
  ]);
}

/** Every revision whose stack the rollout may have made, or was to take down. */
function involved({ revision, revisionSet: { live, warm } }: TerminatedRollout): RevisionRef[] {
  const stood = [...(live ? [live] : []), ...warm].map((each) => each.revision);
  const isNew = revision && !stood.some(({ number }) => number === revision.number);
  return isNew ? [...stood, revision] : stood;
}

async function abandonStack(
  context: ServiceContext,
  input: TerminatedRollout,
  { number, ...revision }: RevisionRef,
  because: string,
): Promise<void> {
  const since = new Date().toISOString();
  const { key } = context.state;
  const stack = formatStackName(key, number);
  context.state = applyTeardownReport(context.state, { revision: number, stack, gone: false, since, attempts: 0 });
  await startTeardown({
    ref: { service: key, number: input.number, actor: 'supplant' },
    revision: number,
    becomes: input.kind === 'deploy' && number === input.revision?.number ? 'failed' : 'retired',
    because,
    router: input.settings.router,
    ...readPool(revision),
    attempts: 0,
    since,
  });
}
