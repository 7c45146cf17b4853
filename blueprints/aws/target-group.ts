import type * as pulumi from '@pulumi/pulumi';
import { ListenerRule } from '@pulumi/aws/lb/listenerRule.js';
import { TargetGroup, type TargetGroupArgs } from '@pulumi/aws/lb/targetGroup.js';
import type { Endpoint } from '../../src/domain/service/revision.ts';
import { testRules } from './kinds/listener-rule.ts';
import { targetGroups } from './kinds/target-group.ts';
import { TEST_HEADER } from './names.ts';
import type { RevisionStack } from './revision-stack.ts';
import type { HealthSettings } from './settings.ts';

interface TargetSettings {
  health: HealthSettings;
  /** In milliseconds; functions have none. */
  deregistrationDelay?: number;
}

/** The group of targets that the router gives a weight to. Nothing in here is a weight: those are the router's alone. */
export function createTargetGroup(
  { name, own }: RevisionStack,
  { health, deregistrationDelay }: TargetSettings,
  args: Pick<TargetGroupArgs, 'targetType' | 'port' | 'protocol' | 'vpcId'>,
): TargetGroup {
  return new TargetGroup(
    'targets',
    {
      name,
      ...args,
      ...(deregistrationDelay === undefined ? {} : { deregistrationDelay: deregistrationDelay / 1000 }),
      healthCheck: {
        enabled: true,
        path: health.path,
        matcher: health.codes,
        interval: health.interval / 1000,
        timeout: health.timeout / 1000,
        healthyThreshold: health.healthy,
        unhealthyThreshold: health.unhealthy,
      },
    },
    own('targets', targetGroups),
  );
}

/**
 * A rule of the revision's own beside the service's: a request that names the revision in its header reaches it. It is
 * how checks ask a revision that has no traffic, and it ties the group to the load balancer, without which AWS checks no
 * health and ECS refuses to start a service.
 */
export function createTestRule(
  { name, environment, own, choosePriority }: RevisionStack,
  group: TargetGroup,
): ListenerRule {
  return new ListenerRule(
    'test',
    {
      listenerArn: environment.listener,
      priority: environment.listener.apply(async (listener) => choosePriority(listener, name)),
      conditions: [{ httpHeader: { httpHeaderName: TEST_HEADER, values: [name] } }],
      actions: [{ type: 'forward', targetGroupArn: group.arn }],
    },
    own('test', testRules),
  );
}

/** Where the router sends traffic to: the group, behind the load balancer. */
export function buildEndpoint({ name, environment }: RevisionStack, group: TargetGroup): pulumi.Output<Endpoint> {
  return group.arn.apply((targetGroupArn) =>
    environment.apply(({ host, port, listener }) => ({
      host,
      port,
      id: name,
      attributes: { targetGroupArn, listenerArn: listener, [`header:${TEST_HEADER}`]: name },
    })),
  );
}
