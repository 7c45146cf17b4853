import { type ServiceKey, formatServiceId } from '../service/service.ts';
import type { Route } from './route.ts';

/** What requests at a preview address are told while no revision is looked at. */
function describeIdlePreview(service: ServiceKey): string {
  return `this is the preview address of ${formatServiceId(service)}, and no revision waits there for its first traffic`;
}

/** The route that holds at the preview address: all to the revision that is looked at, or nothing to anybody. */
export function derivePreviewRoute({ service, generation, preview, targets }: Route): Route {
  const looked = targets.filter(({ revision }) => revision === preview?.revision);
  if (looked.length === 0) return { service, generation, closed: describeIdlePreview(service), targets: [] };
  return { service, generation, targets: looked.map((target) => ({ ...target, weight: 100 })) };
}
