import { isPreviewed } from '../../domain/rollout/choose-preview.ts';
import { readServicePlace } from '../../domain/service/router.ts';
import { formatEndpointUrl, formatRevisionName } from '../../domain/service/revision.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import type { DeployedRevision } from '../../domain/service/revision-set.ts';
import { buildClosedRoute, buildRoute } from '../../domain/traffic/build-route.ts';
import type { Route } from '../../domain/traffic/route.ts';
import { localFirst } from '../shared/activities.ts';
import type { RolloutContext } from './context.ts';
import { withdraw } from './traffic.ts';

/**
 * The candidate has passed its checks, and answers at the service's preview address, where it has one: until the write that
 * gives it traffic, or the one that takes it back. Returns what is said of it.
 */
export async function openPreview(run: RolloutContext, candidate: DeployedRevision): Promise<string[]> {
  const { kind, settings } = run.input;
  if (!isPreviewed(kind, settings.strategy)) return [];
  // Who has called it off meanwhile is heard before anything leads to it.
  await run.controls.safePoint('shift');
  const name = formatRevisionName(candidate.revision.number);
  markPreviewed(run, candidate);
  const because = `${name} passed its checks, and is looked at before it has traffic`;
  const task = { ref: run.ref, router: run.router, route: buildPreviewRoute(run, candidate), because };
  const observed = await localFirst('shift', `${name} at the preview address`, [task], { forAtMost: '2m' });
  run.hasWritten = true;
  run.address = observed.address;
  if (!observed.preview) return [];
  const url = formatEndpointUrl(observed.preview.address);
  run.progress.look(url);
  const fault = observed.preview.portFault;
  return [`${name} answers at its preview address ${url}${fault === undefined ? '' : ` (${fault})`}`];
}

/** From here on it may be in the route: putting back takes it from the preview address before its stack goes. Once. */
export function markPreviewed(run: RolloutContext, candidate: DeployedRevision): void {
  if (run.isPreviewed) return;
  run.isPreviewed = true;
  run.undo.push(async () => {
    // The write that gave its traffic back has ended this, too.
    if (run.exposed) return;
    const name = formatRevisionName(candidate.revision.number);
    await withdraw(run, candidate, run.progress.status.because ?? 'the rollout is put back', `nobody looks at ${name}`);
  });
}

/** The traffic stays as it is, or there is none yet. */
function buildPreviewRoute(run: RolloutContext, candidate: DeployedRevision): Route {
  const { revisionSet, settings } = run.input;
  const { live, warm } = revisionSet;
  const { service } = run.ref;
  const { preview, ...clients } = readServicePlace(settings);
  const place = { ...clients, preview: { ...preview, revision: candidate.revision.number } };
  if (live) return buildRoute(service, run.nextGeneration(), live, [candidate, ...warm], place);
  const told = `${formatServiceId(service)} has no revision with traffic yet`;
  return buildClosedRoute(service, run.nextGeneration(), [candidate, ...warm], told, place);
}
