import { DeleteLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteClusterCommand, DescribeClustersCommand } from '@aws-sdk/client-ecs';
import { type CloudKind, unlessGone } from '../../aws/kind.ts';
import { formatAwsName } from '../../aws/names.ts';

export const clusters: CloudKind = {
  type: 'aws:ecs/cluster:Cluster',
  async find(stack, { ecs }) {
    const name = formatAwsName(stack);
    const { clusters: found = [] } = await ecs.send(new DescribeClustersCommand({ clusters: [name] }));
    const active = found.filter(({ status }) => status !== 'INACTIVE');
    return active.map(() => ({ id: name, importId: name, label: `ECS cluster ${name}` }));
  },
  async remove({ id }, { ecs }) {
    await unlessGone(ecs.send(new DeleteClusterCommand({ cluster: id })), 'ClusterNotFoundException');
  },
};

export const logGroups: CloudKind = {
  type: 'aws:cloudwatch/logGroup:LogGroup',
  async find(stack, { logs }) {
    const name = `/supplant/${formatAwsName(stack)}`;
    const { logGroups: found = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
    const own = found.filter(({ logGroupName }) => logGroupName === name);
    return own.map(() => ({ id: name, importId: name, label: `log group ${name}` }));
  },
  async remove({ id }, { logs }) {
    await unlessGone(logs.send(new DeleteLogGroupCommand({ logGroupName: id })), 'ResourceNotFoundException');
  },
};
