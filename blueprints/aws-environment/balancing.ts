import type * as pulumi from '@pulumi/pulumi';
import { Listener } from '@pulumi/aws/lb/listener.js';
import { ListenerRule } from '@pulumi/aws/lb/listenerRule.js';
import { LoadBalancer } from '@pulumi/aws/lb/loadBalancer.js';
import { SERVICE_PRIORITIES } from '../aws/kinds/listener-rule.ts';
import { type EnvironmentContext, nameTag, type Network } from './context.ts';
import { listeners, loadBalancers, serviceRules } from './kinds/balancing.ts';

const NOBODY = {
  type: 'fixed-response',
  fixedResponse: { contentType: 'text/plain', messageBody: 'no revision takes traffic', statusCode: '503' },
};

/** The load balancer and its one listener. */
export function createLoadBalancer(
  context: EnvironmentContext,
  { subnets }: Network,
  securityGroup: pulumi.Input<string>,
) {
  const { name, config, own } = context;
  const balancer = new LoadBalancer(
    'balancer',
    {
      name,
      internal: config.internal,
      loadBalancerType: 'application',
      subnets,
      securityGroups: [securityGroup],
      dropInvalidHeaderFields: true,
      enableDeletionProtection: config.protect,
    },
    own('balancer', loadBalancers),
  );
  const { certificate } = config;
  const listener = new Listener(
    'listener',
    {
      loadBalancerArn: balancer.arn,
      ...(certificate === undefined
        ? { port: 80, protocol: 'HTTP' }
        : {
            port: 443,
            protocol: 'HTTPS',
            certificateArn: certificate,
            sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
          }),
      defaultActions: [
        { ...NOBODY, fixedResponse: { ...NOBODY.fixedResponse, statusCode: '404', messageBody: 'no such service' } },
      ],
    },
    own('listener', listeners),
  );
  return { balancer, listener };
}

/**
 * The rule of each service. What it does is the router's to say from then on, and so are its tags: a change of anything
 * else here leaves both alone.
 */
export function createServiceRules(
  context: EnvironmentContext,
  listener: Listener,
): Record<string, pulumi.Output<string>> {
  const { config, own } = context;
  const rules = Object.entries(config.services).map(([service, { hosts, paths, priority }]) => {
    const part = `rule-${service}`;
    const conditions = [
      ...(hosts ? [{ hostHeader: { values: hosts } }] : []),
      ...(paths || !hosts ? [{ pathPattern: { values: paths ?? ['/*'] } }] : []),
    ];
    const rule = new ListenerRule(
      part,
      {
        listenerArn: listener.arn,
        priority: SERVICE_PRIORITIES + priority,
        conditions,
        actions: [NOBODY],
        tags: nameTag(context, part),
      },
      { ...own(part, serviceRules), ignoreChanges: ['actions', 'tags', 'tagsAll'] },
    );
    return [service, rule.arn] as const;
  });
  return Object.fromEntries(rules);
}
