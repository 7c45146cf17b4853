import {
  DeleteTargetGroupCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AwsClients } from '../clients.ts';
import { type CloudKind, type FoundResource, fromTagList, readPages, splitIntoChunks, unlessGone } from '../kind.ts';
import { formatAwsName, readTags } from '../names.ts';

const GONE = ['TargetGroupNotFoundException', 'TargetGroupNotFound'];
/** How many of a load balancer's things can be asked for their tags at once. */
export const TAGGED_AT_ONCE = 20;

export const targetGroups: CloudKind = {
  type: 'aws:lb/targetGroup:TargetGroup',
  async find(stack, { elb }) {
    const asked = elb.send(new DescribeTargetGroupsCommand({ Names: [formatAwsName(stack)] }));
    return ((await unlessGone(asked, ...GONE))?.TargetGroups ?? []).map(toFound);
  },
  async list(clients) {
    return (await listTagged(clients)).map(({ group, stack }) => ({ ...toFound(group), stack }));
  },
  async remove({ id }, { elb }) {
    await unlessGone(elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: id })), ...GONE);
  },
};

/** All target groups that stacks have. */
export async function listTagged({ elb }: AwsClients) {
  const groups = await readPages(async (Marker) => {
    const { TargetGroups = [], NextMarker } = await elb.send(new DescribeTargetGroupsCommand({ Marker }));
    return { items: TargetGroups, next: NextMarker };
  });
  const tagged = await Promise.all(
    splitIntoChunks(groups, TAGGED_AT_ONCE).map(async (chunk) => {
      const arns = chunk.map(({ TargetGroupArn = '' }) => TargetGroupArn);
      const { TagDescriptions = [] } = await elb.send(new DescribeTagsCommand({ ResourceArns: arns }));
      const byArn = new Map(
        TagDescriptions.map(({ ResourceArn = '', Tags }) => [ResourceArn, readTags(fromTagList(Tags))]),
      );
      return chunk.map((group) => ({ group, stack: byArn.get(group.TargetGroupArn ?? '') }));
    }),
  );
  return tagged.flat().flatMap(({ group, stack }) => (stack ? [{ group, stack }] : []));
}

function toFound({ TargetGroupArn: id = '', TargetGroupName = '' }: TargetGroup): FoundResource {
  return { id, importId: id, label: `target group ${TargetGroupName}` };
}
