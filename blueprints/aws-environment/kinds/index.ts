import type { CloudKind } from '../../aws/kind.ts';
import { listeners, loadBalancers, serviceRules } from './balancing.ts';
import { instanceProfiles, roles } from './identity.ts';
import { internetGateways, securityGroups, subnets, vpcs } from './network.ts';
import { clusters, logGroups } from './runtime.ts';

/** In the order in which they can be removed. */
export const kinds: readonly CloudKind[] = [
  ...[serviceRules, listeners, loadBalancers, clusters, logGroups, instanceProfiles, roles],
  ...[securityGroups, internetGateways, subnets, vpcs],
];
