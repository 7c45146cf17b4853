import * as pulumi from '@pulumi/pulumi';
import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js';
import { Cluster } from '@pulumi/aws/ecs/cluster.js';
import { formatStackName } from '../../src/domain/service/revision.ts';
import type { BlueprintOutputs, RecordedResource } from '../../src/stacks/blueprint.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import { formatAwsName } from '../aws/names.ts';
import { LOOKUPS, type Lookups, openOwnership } from '../aws/revision-stack.ts';
import type { EnvironmentFacts } from '../aws/settings.ts';
import { createLoadBalancer, createServiceRules } from './balancing.ts';
import type { AwsEnvironmentConfig } from './config.ts';
import type { EnvironmentContext } from './context.ts';
import { createRoles } from './identity.ts';
import { kinds } from './kinds/index.ts';
import { clusters, logGroups } from './kinds/runtime.ts';
import { createNetwork, createSecurityGroups } from './network.ts';

interface EnvironmentOutputs extends BlueprintOutputs {
  /** What the stacks of revisions read. */
  environment: pulumi.Output<EnvironmentFacts>;
}

/** A network, a load balancer with a rule for each service, roles, a cluster and a log group. */
export async function createStack(
  { service, revision }: StackInput,
  config: AwsEnvironmentConfig,
  recorded: readonly RecordedResource[],
  lookups: Pick<Lookups, 'findResources'> = LOOKUPS,
): Promise<EnvironmentOutputs> {
  const id = { project: service.environment, stack: formatStackName(service, revision) };
  const own = await openOwnership(id, config, { kinds, recorded, lookups });
  const name = formatAwsName(id);
  const context: EnvironmentContext = {
    name,
    config,
    own: (part, kind) => ({ ...own(part, kind), protect: config.protect }),
  };
  const network = await createNetwork(context);
  const groups = createSecurityGroups(context, network);
  const { balancer, listener } = createLoadBalancer(context, network, groups.balancer.id);
  const rules = createServiceRules(context, listener);
  const cluster = new Cluster('cluster', { name }, context.own('cluster', clusters));
  const logs = { name: `/supplant/${name}`, retentionInDays: config.logDays };
  const logGroup = new LogGroup('logs', logs, context.own('logs', logGroups));
  const { task, execution, profile } = createRoles(context, logGroup.arn);
  const port = config.certificate === undefined ? 80 : 443;
  const environment = pulumi.output({
    vpc: network.vpc,
    subnets: network.subnets,
    publicIp: network.publicIp,
    securityGroups: [groups.targets.id],
    listener: listener.arn,
    host: balancer.dnsName,
    port,
    cluster: cluster.arn,
    executionRole: execution.arn,
    taskRole: task.arn,
    instanceProfile: profile.name,
    logGroup: logGroup.name,
  });
  return {
    environment,
    endpoints: [balancer.dnsName.apply((host) => ({ host, port }))],
    notes: pulumi.output({ address: balancer.dnsName, rules }),
  };
}
