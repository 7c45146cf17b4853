import {
  DeleteInternetGatewayCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInternetGatewaysCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  type Tag,
} from '@aws-sdk/client-ec2';
import type { StackId } from '../../../src/stacks/blueprint.ts';
import { type CloudKind, type FoundResource, fromTagList, unlessGone } from '../../aws/kind.ts';
import { formatAwsName, TAG } from '../../aws/names.ts';

/** What EC2 has is found by its tags: nothing there has a name of its own. */
const ofStack = ({ stack }: StackId) => ({ Filters: [{ Name: `tag:${TAG.stack}`, Values: [stack] }] });

/** `production-vpc` is called `vpc` in the program. */
function toFound(stack: StackId, kind: string, id: string | undefined, tags: Tag[] | undefined): FoundResource {
  const name = fromTagList(tags).Name?.slice(formatAwsName(stack).length + 1) ?? '';
  return { id: id ?? '', importId: id ?? '', name, label: `${kind} ${id ?? ''}` };
}

export const vpcs: CloudKind = {
  type: 'aws:ec2/vpc:Vpc',
  several: true,
  async find(stack, { ec2 }) {
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand(ofStack(stack)));
    return Vpcs.map(({ VpcId, Tags }) => toFound(stack, 'VPC', VpcId, Tags));
  },
  async remove({ id }, { ec2 }) {
    await unlessGone(ec2.send(new DeleteVpcCommand({ VpcId: id })), 'InvalidVpcID.NotFound');
  },
};

export const subnets: CloudKind = {
  type: 'aws:ec2/subnet:Subnet',
  several: true,
  async find(stack, { ec2 }) {
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand(ofStack(stack)));
    return Subnets.map(({ SubnetId, Tags }) => toFound(stack, 'subnet', SubnetId, Tags));
  },
  async remove({ id }, { ec2 }) {
    await unlessGone(ec2.send(new DeleteSubnetCommand({ SubnetId: id })), 'InvalidSubnetID.NotFound');
  },
};

export const internetGateways: CloudKind = {
  type: 'aws:ec2/internetGateway:InternetGateway',
  several: true,
  async find(stack, { ec2 }) {
    const { InternetGateways = [] } = await ec2.send(new DescribeInternetGatewaysCommand(ofStack(stack)));
    return InternetGateways.map(({ InternetGatewayId, Tags }) =>
      toFound(stack, 'internet gateway', InternetGatewayId, Tags),
    );
  },
  async remove({ id }, { ec2 }) {
    const gone = ['InvalidInternetGatewayID.NotFound', 'Gateway.NotAttached'];
    const asked = ec2.send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }));
    const attachments = (await unlessGone(asked, ...gone))?.InternetGateways?.[0]?.Attachments ?? [];
    for (const { VpcId } of attachments) {
      await unlessGone(ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId })), ...gone);
    }
    await unlessGone(ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: id })), ...gone);
  },
};

export const securityGroups: CloudKind = {
  type: 'aws:ec2/securityGroup:SecurityGroup',
  several: true,
  async find(stack, { ec2 }) {
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand(ofStack(stack)));
    // One lets the other in, so that it has to go first.
    return SecurityGroups.map(({ GroupId, Tags }) => toFound(stack, 'security group', GroupId, Tags)).sort(
      targetsFirst,
    );
  },
  async remove({ id }, { ec2 }) {
    await unlessGone(ec2.send(new DeleteSecurityGroupCommand({ GroupId: id })), 'InvalidGroup.NotFound');
  },
};

function targetsFirst(one: FoundResource, other: FoundResource): number {
  return Number(other.name === 'targets') - Number(one.name === 'targets');
}
