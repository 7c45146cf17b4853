import { TemporalFailure } from '@temporalio/workflow';
import { findLastBegun, readRouter } from '../../domain/service/state.ts';
import { readServicePlace } from '../../domain/service/router.ts';
import { fitRetention } from '../../domain/service/settings.ts';
import { AS_ROUTER } from '../../domain/traffic/route.ts';
import { buildRoute } from '../../domain/traffic/build-route.ts';
import { MOST_SERVICE_WRITES } from '../../domain/traffic/generation.ts';
import type { ServiceContext } from './context.ts';
import { retireRevision } from './retention.ts';
import { localFirst } from '../shared/activities.ts';

/** Route writes between two rollouts, less those that retention may need. */
const MOST_WRITES = MOST_SERVICE_WRITES - 100;

/** Between rollouts: what was applied without needing a new revision takes effect. */
export async function carryOutSettings(context: ServiceContext): Promise<void> {
  const { settingsDue: upTo, ...rest } = context.state;
  context.state = rest;
  const { key, spec, revisionSet, pinned } = rest;
  if (!spec || upTo === undefined) return;
  const fitted = fitRetention(revisionSet, spec.settings.retention, pinned);
  context.state = { ...context.state, revisionSet: fitted.revisionSet };
  for (const each of fitted.retire) await retireRevision(context, each, 'retention keeps fewer warm revisions now');
  await moveClients(context, readServicePlace(spec.settings));
  // Until here they are due in the record: a workflow that is begun afresh carries them out once more.
  const ref = { service: key, number: findLastBegun(context.state), actor: 'supplant' };
  const warm = context.state.revisionSet.warm.flatMap(({ revision, warmUntil }) =>
    warmUntil === undefined ? [] : [{ revision: revision.number, warmUntil }],
  );
  await localFirst('settleSettings', 'settings are carried out', [{ ref, upTo, warm }]);
}

/** The route as it is, at the place that is wanted now; where nothing is said of that, clients connect where they did. */
async function moveClients(
  context: ServiceContext,
  { port, listen, preview }: ReturnType<typeof readServicePlace>,
): Promise<void> {
  const { key, revisionSet, routeWrites } = context.state;
  const isSaid = port !== undefined || (listen ?? AS_ROUTER) !== AS_ROUTER;
  if (!revisionSet.live || !isSaid || routeWrites >= MOST_WRITES) return;
  const number = findLastBegun(context.state);
  const route = buildRoute(key, context.nextGeneration(), revisionSet.live, revisionSet.warm, {
    ...(port === undefined ? {} : { port }),
    ...(listen === undefined ? {} : { listen }),
    ...(preview ? { preview } : {}),
  });
  const ref = { service: key, number, actor: 'supplant' };
  const router = readRouter(context.state);
  const at = [...(port === undefined ? [] : [`port ${port}`]), ...(listen ? [`address ${listen}`] : [])];
  const because = `clients are to connect at ${at.join(' of ')}`;
  try {
    await localFirst('shift', because, [{ ref, router, route, because }], { forAtMost: '2m' });
  } catch (error) {
    // Who looks sees that it is not so; the next rollout's write asks for it again.
    if (!(error instanceof TemporalFailure)) throw error;
  }
}
