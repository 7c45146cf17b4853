import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { type ResourceKind, unlessGone } from '../kind.ts';

export const logGroupKind: ResourceKind = {
  type: 'aws:cloudwatch/logGroup:LogGroup',
  fixed: ['name', 'namePrefix', 'logGroupClass'],
  computed: ['arn', 'tagsAll'],
  async create(inputs, { clients: { logs }, allTags }) {
    const logGroupName = inputs.name as string;
    await logs.send(new CreateLogGroupCommand({ logGroupName, tags: allTags(inputs) }));
    if (inputs.retentionInDays !== undefined) {
      await logs.send(
        new PutRetentionPolicyCommand({ logGroupName, retentionInDays: inputs.retentionInDays as number }),
      );
    }
    return logGroupName;
  },
  async read(id, { clients: { logs } }) {
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: id }));
    const group = logGroups?.find(({ logGroupName }) => logGroupName === id);
    if (!group) return undefined;
    return { id, state: { name: id, arn: group.arn?.replace(/:\*$/, ''), retentionInDays: group.retentionInDays } };
  },
  async update(id, { retentionInDays }, { clients: { logs } }) {
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: id, retentionInDays: retentionInDays as number }));
  },
  async delete(id, _inputs, { clients: { logs } }) {
    await unlessGone(logs.send(new DeleteLogGroupCommand({ logGroupName: id })), 'ResourceNotFoundException');
  },
};
