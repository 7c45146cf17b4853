import {
  type AutoScalingGroup,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import type { AwsClients } from '../clients.ts';
import { awaitRemoval, type CloudKind, type FoundResource, fromTagList, readPages, unlessGone } from '../kind.ts';
import { formatAwsName, readTags, TAG } from '../names.ts';

/** Its instances go with it. */
export const autoScalingGroups: CloudKind = {
  type: 'aws:autoscaling/group:Group',
  async find(stack, clients) {
    return (await named(formatAwsName(stack), clients)).map(toFound);
  },
  async list({ autoscaling }) {
    const groups = await readPages(async (NextToken) => {
      const Filters = [{ Name: 'tag-key', Values: [TAG.stack] }];
      const asked = new DescribeAutoScalingGroupsCommand({ Filters, NextToken });
      const { AutoScalingGroups = [], NextToken: next } = await autoscaling.send(asked);
      return { items: AutoScalingGroups, next };
    });
    return groups.flatMap((group) => {
      const stack = readTags(fromTagList(group.Tags));
      return stack ? [{ ...toFound(group), stack }] : [];
    });
  },
  async remove({ id }, clients) {
    const remove = new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: id, ForceDelete: true });
    // What is said of a group that is not there.
    await unlessGone(clients.autoscaling.send(remove), 'ValidationError');
    // Instances take a few minutes to end, and the group goes after them.
    await awaitRemoval(async () => (await named(id, clients)).length === 0);
  },
};

async function named(name: string, { autoscaling }: AwsClients): Promise<AutoScalingGroup[]> {
  const asked = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
  return (await autoscaling.send(asked)).AutoScalingGroups ?? [];
}

function toFound({ AutoScalingGroupName: id = '', Instances = [] }: AutoScalingGroup): FoundResource {
  return { id, importId: id, label: `Auto Scaling group ${id} with ${Instances.length} instances` };
}
