import { formatRevisionName } from '../../domain/service/revision.ts';
import type { Route } from '../../domain/traffic/route.ts';
import { ALB_LIMITS } from './limits.ts';
import { groupOf } from './written-route.ts';

/** What of a route a load balancer cannot do, all of it. */
export function findAlbFaults({ targets, closed, cohort, preview }: Route): string[] {
  const faults: string[] = [];
  const groups = new Map<string, number>();
  for (const { revision, endpoints, weight } of targets) {
    const name = formatRevisionName(revision);
    const [group, ...others] = new Set(endpoints.map((endpoint) => groupOf([endpoint])));
    if (group === undefined) {
      // Without an endpoint it is a fault of every router, and told as one.
      if (endpoints.length > 0 || weight === 0) faults.push(`${name} names no target group: attributes.targetGroupArn`);
      continue;
    }
    if (others.length > 0) faults.push(`${name} has endpoints of ${others.length + 1} target groups; it can have one`);
    const holder = groups.get(group);
    if (holder !== undefined) faults.push(`${name} has the same target group as ${formatRevisionName(holder)}`);
    groups.set(group, revision);
  }
  if (targets.length > ALB_LIMITS.groupsInAction) {
    faults.push(
      `${targets.length} revisions stand; a rule forwards to ${ALB_LIMITS.groupsInAction} target groups at most`,
    );
  }
  if (cohort) faults.push('there is a cohort, and the rule that is written forwards all requests alike');
  if (preview) faults.push('there is a preview address, and a rule has none beside that of its clients');
  if (closed !== undefined && closed.length > ALB_LIMITS.longestMessage) {
    faults.push(`the reason has ${closed.length} characters; a rule answers with ${ALB_LIMITS.longestMessage} at most`);
  }
  return faults;
}
