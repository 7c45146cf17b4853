import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeInternetGatewaysCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  DescribeClustersCommand,
  ECSClient,
  ListClustersCommand,
  ListTaskDefinitionsCommand,
} from '@aws-sdk/client-ecs';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient, ListInstanceProfilesCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { join } from 'node:path';
import type { JsonObject } from '../../src/domain/json.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import { type Aws, type Emulators, REGION, startAws } from '../doubles/aws/aws.ts';
import type { ProviderHooks } from '../doubles/aws/provider/kind.ts';
import { type AwsProviderDouble, serveAwsProviderDouble } from '../doubles/aws/provider/server.ts';
import { Workbench } from './workbench.ts';

const BLUEPRINTS = join(import.meta.dirname, '../../blueprints');
const MODULES = ['aws-environment', 'aws-asg', 'aws-ecs', 'aws-lambda'].map((name) =>
  join(BLUEPRINTS, name, 'index.ts'),
);

/** What a stack of one of the blueprints is made from. */
export interface AwsStackSpec {
  blueprint: string;
  artifact: string;
  config?: JsonObject;
  service?: string;
  revision?: number;
}

/** A driver with the AWS blueprints, in an empty account of the emulators', behind the double of the plugin. */
export class AwsBench {
  readonly bench: Workbench;
  readonly aws: Aws;
  readonly #provider: AwsProviderDouble;
  readonly #before: NodeJS.ProcessEnv;

  private constructor(parts: { bench: Workbench; aws: Aws; provider: AwsProviderDouble; before: NodeJS.ProcessEnv }) {
    this.bench = parts.bench;
    this.aws = parts.aws;
    this.#provider = parts.provider;
    this.#before = parts.before;
  }

  static async open(emulators: Emulators, hooks: ProviderHooks = {}): Promise<AwsBench> {
    const aws = await startAws(emulators);
    const provider = await serveAwsProviderDouble(aws.client, hooks);
    const before = { ...process.env };
    // Blueprints in this process, and runners that it starts, are told of AWS as anywhere else.
    Object.assign(process.env, aws.env, { SUPPLANT_AWS_PROVIDER_PORT: String(provider.port) });
    const bench = await Workbench.open({ blueprints: MODULES, supervise: false });
    return new AwsBench({ bench, aws, provider, before });
  }

  async input({
    blueprint: name,
    artifact,
    config = {},
    service = 'web',
    revision = 1,
  }: AwsStackSpec): Promise<StackInput> {
    const whole = { region: REGION, ...config };
    const { digest } = await this.bench.driver.describe({ name, config: whole }, artifact);
    return {
      service: { name: service, environment: 'test' },
      revision,
      artifact,
      blueprint: { name, digest, config: whole },
    };
  }

  /** What the stacks of revisions refer to. */
  async environment(config: JsonObject = {}): Promise<StackInput> {
    const services = { web: { priority: 1 } };
    const whole = { services, protect: false, ...config };
    return this.input({
      blueprint: 'aws-environment',
      artifact: 'none',
      config: whole,
      service: 'environment',
      revision: 0,
    });
  }

  /** Everything in the account that was not there from the beginning. */
  async left(): Promise<string[]> {
    const { client } = this.aws;
    const [elb, ec2, ecs] = [new ElasticLoadBalancingV2Client(client), new EC2Client(client), new ECSClient(client)];
    const [groups, balancers] = await Promise.all([
      elb.send(new DescribeTargetGroupsCommand({})),
      elb.send(new DescribeLoadBalancersCommand({})),
    ]);
    const [templates, vpcs, gateways, security] = await Promise.all([
      ec2.send(new DescribeLaunchTemplatesCommand({})),
      ec2.send(new DescribeVpcsCommand({})),
      ec2.send(new DescribeInternetGatewaysCommand({})),
      ec2.send(new DescribeSecurityGroupsCommand({})),
    ]);
    const scaling = await new AutoScalingClient(client).send(new DescribeAutoScalingGroupsCommand({}));
    const { clusterArns = [] } = await ecs.send(new ListClustersCommand({}));
    const { clusters = [] } =
      clusterArns.length > 0 ? await ecs.send(new DescribeClustersCommand({ clusters: clusterArns })) : {};
    const tasks = await ecs.send(new ListTaskDefinitionsCommand({ status: 'ACTIVE' }));
    const functions = await new LambdaClient(client).send(new ListFunctionsCommand({}));
    const iam = new IAMClient(client);
    const [roles, profiles] = await Promise.all([
      iam.send(new ListRolesCommand({})),
      iam.send(new ListInstanceProfilesCommand({})),
    ]);
    const logs = await new CloudWatchLogsClient(client).send(new DescribeLogGroupsCommand({}));
    return [
      ...(groups.TargetGroups ?? []).map(({ TargetGroupName }) => `target group ${TargetGroupName}`),
      ...(balancers.LoadBalancers ?? []).map(({ LoadBalancerName }) => `load balancer ${LoadBalancerName}`),
      ...(templates.LaunchTemplates ?? []).map(({ LaunchTemplateName }) => `launch template ${LaunchTemplateName}`),
      ...(vpcs.Vpcs ?? []).flatMap(({ IsDefault, VpcId }) => (IsDefault ? [] : [`VPC ${VpcId}`])),
      ...(gateways.InternetGateways ?? []).map(({ InternetGatewayId }) => `internet gateway ${InternetGatewayId}`),
      ...(security.SecurityGroups ?? []).flatMap(({ GroupName }) =>
        GroupName === 'default' ? [] : [`security group ${GroupName}`],
      ),
      ...(scaling.AutoScalingGroups ?? []).map(
        ({ AutoScalingGroupName }) => `Auto Scaling group ${AutoScalingGroupName}`,
      ),
      ...clusters.flatMap(({ status, clusterName, activeServicesCount = 0 }) => {
        const services = activeServicesCount > 0 ? [`${activeServicesCount} services in ${clusterName}`] : [];
        return status === 'INACTIVE' || clusterName === 'default' ? services : [`cluster ${clusterName}`, ...services];
      }),
      ...(tasks.taskDefinitionArns ?? []).map((arn) => `task definition ${arn}`),
      ...(functions.Functions ?? []).map(({ FunctionName }) => `function ${FunctionName}`),
      ...(roles.Roles ?? []).flatMap(({ RoleName, Path }) => (Path?.startsWith('/aws-') ? [] : [`role ${RoleName}`])),
      ...(profiles.InstanceProfiles ?? []).map(({ InstanceProfileName }) => `instance profile ${InstanceProfileName}`),
      ...(logs.logGroups ?? []).map(({ logGroupName }) => `log group ${logGroupName}`),
    ].sort();
  }

  async close(): Promise<void> {
    try {
      await this.bench.close();
    } finally {
      for (const name of Object.keys(process.env))
        if (!(name in this.#before)) Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, this.#before);
      this.#provider.close();
      await this.aws[Symbol.asyncDispose]();
    }
  }
}
