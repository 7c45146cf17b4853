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
import type { Aws } from '../doubles/aws/aws.ts';

/** Everything in the account that was not there from the beginning. */
export async function listAccount(client: Aws['client']): Promise<string[]> {
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
