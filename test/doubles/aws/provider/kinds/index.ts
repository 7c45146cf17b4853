import type { ResourceKind } from '../kind.ts';
import { autoScalingGroupKind } from './auto-scaling-group.ts';
import { clusterKind, serviceKind, taskDefinitionKind } from './containers.ts';
import { functionKind, permissionKind } from './functions.ts';
import { instanceProfileKind, roleKind, rolePolicyKind } from './identity.ts';
import { launchTemplateKind } from './launch-template.ts';
import { listenerKind, listenerRuleKind } from './listener.ts';
import { loadBalancerKind } from './load-balancer.ts';
import { logGroupKind } from './logs.ts';
import { defaultRouteTableKind, internetGatewayKind, securityGroupKind, subnetKind, vpcKind } from './network.ts';
import { targetGroupAttachmentKind, targetGroupKind } from './target-group.ts';

/** Every type that the blueprints use. */
export const RESOURCE_KINDS: readonly ResourceKind[] = [
  autoScalingGroupKind,
  clusterKind,
  defaultRouteTableKind,
  functionKind,
  instanceProfileKind,
  internetGatewayKind,
  launchTemplateKind,
  listenerKind,
  listenerRuleKind,
  loadBalancerKind,
  logGroupKind,
  permissionKind,
  roleKind,
  rolePolicyKind,
  securityGroupKind,
  serviceKind,
  subnetKind,
  targetGroupAttachmentKind,
  targetGroupKind,
  taskDefinitionKind,
  vpcKind,
];
