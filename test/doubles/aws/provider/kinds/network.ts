import {
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteInternetGatewayCommand,
  DeleteRouteCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeInternetGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  type EC2Client,
  type IpPermission,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  RevokeSecurityGroupEgressCommand,
} from '@aws-sdk/client-ec2';
import type { JsonObject } from '../../../../../src/domain/json.ts';
import { fromTagList, type ResourceKind, toTagList, unlessGone } from '../kind.ts';

const tagged = (
  ResourceType: 'vpc' | 'subnet' | 'internet-gateway' | 'security-group',
  tags: Record<string, string>,
) => [{ ResourceType, Tags: toTagList(tags) }];

export const vpcKind: ResourceKind = {
  type: 'aws:ec2/vpc:Vpc',
  fixed: ['cidrBlock'],
  computed: ['arn', 'defaultRouteTableId', 'tagsAll'],
  async create(inputs, { clients: { ec2 }, allTags }) {
    const CidrBlock = inputs.cidrBlock as string;
    const { Vpc } = await ec2.send(
      new CreateVpcCommand({ CidrBlock, TagSpecifications: tagged('vpc', allTags(inputs)) }),
    );
    const VpcId = Vpc?.VpcId ?? '';
    if (inputs.enableDnsHostnames === true) {
      await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
    }
    return VpcId;
  },
  async read(id, { clients: { ec2 } }) {
    const found = await unlessGone(ec2.send(new DescribeVpcsCommand({ VpcIds: [id] })), 'InvalidVpcID.NotFound');
    const vpc = found?.Vpcs?.[0];
    if (!vpc) return undefined;
    const Filters = [{ Name: 'vpc-id', Values: [id] }];
    const { RouteTables = [] } = await ec2.send(new DescribeRouteTablesCommand({ Filters }));
    const main = RouteTables.find(({ Associations = [] }) => Associations.some(({ Main }) => Main));
    return {
      id,
      tags: fromTagList(vpc.Tags),
      state: { cidrBlock: vpc.CidrBlock, defaultRouteTableId: main?.RouteTableId },
    };
  },
  async delete(id, _inputs, { clients: { ec2 } }) {
    await unlessGone(ec2.send(new DeleteVpcCommand({ VpcId: id })), 'InvalidVpcID.NotFound');
  },
};

export const subnetKind: ResourceKind = {
  type: 'aws:ec2/subnet:Subnet',
  fixed: ['vpcId', 'cidrBlock', 'availabilityZone'],
  computed: ['arn', 'tagsAll'],
  async create(inputs, { clients: { ec2 }, allTags }) {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId: inputs.vpcId as string,
        CidrBlock: inputs.cidrBlock as string,
        AvailabilityZone: inputs.availabilityZone as string,
        TagSpecifications: tagged('subnet', allTags(inputs)),
      }),
    );
    const SubnetId = Subnet?.SubnetId ?? '';
    if (inputs.mapPublicIpOnLaunch === true) {
      await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }));
    }
    return SubnetId;
  },
  async read(id, { clients: { ec2 } }) {
    const found = await unlessGone(
      ec2.send(new DescribeSubnetsCommand({ SubnetIds: [id] })),
      'InvalidSubnetID.NotFound',
    );
    const subnet = found?.Subnets?.[0];
    if (!subnet) return undefined;
    const state = {
      vpcId: subnet.VpcId,
      cidrBlock: subnet.CidrBlock,
      availabilityZone: subnet.AvailabilityZone,
      mapPublicIpOnLaunch: subnet.MapPublicIpOnLaunch,
    };
    return { id, tags: fromTagList(subnet.Tags), state };
  },
  async delete(id, _inputs, { clients: { ec2 } }) {
    await unlessGone(ec2.send(new DeleteSubnetCommand({ SubnetId: id })), 'InvalidSubnetID.NotFound');
  },
};

export const internetGatewayKind: ResourceKind = {
  type: 'aws:ec2/internetGateway:InternetGateway',
  fixed: [],
  computed: ['arn', 'tagsAll'],
  async create(inputs, { clients: { ec2 }, allTags }) {
    const TagSpecifications = tagged('internet-gateway', allTags(inputs));
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({ TagSpecifications }));
    const InternetGatewayId = InternetGateway?.InternetGatewayId ?? '';
    await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId: inputs.vpcId as string }));
    return InternetGatewayId;
  },
  async read(id, { clients: { ec2 } }) {
    const asked = ec2.send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }));
    const gateway = (await unlessGone(asked, 'InvalidInternetGatewayID.NotFound'))?.InternetGateways?.[0];
    return gateway && { id, tags: fromTagList(gateway.Tags), state: { vpcId: gateway.Attachments?.[0]?.VpcId } };
  },
  async delete(id, { vpcId }, { clients: { ec2 } }) {
    const gone = ['InvalidInternetGatewayID.NotFound', 'Gateway.NotAttached'];
    const detach = new DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId: vpcId as string });
    await unlessGone(ec2.send(detach), ...gone);
    await unlessGone(ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: id })), ...gone);
  },
};

/** `aws_default_route_table`: every VPC has one, which the plugin takes over, and leaves behind. */
export const defaultRouteTableKind: ResourceKind = {
  type: 'aws:ec2/defaultRouteTable:DefaultRouteTable',
  fixed: ['defaultRouteTableId'],
  computed: ['arn', 'vpcId', 'ownerId', 'tagsAll'],
  async create(inputs, { clients: { ec2 }, allTags }) {
    const RouteTableId = inputs.defaultRouteTableId as string;
    for (const { DestinationCidrBlock, GatewayId } of (await findTable(ec2, RouteTableId))?.Routes ?? []) {
      if (GatewayId === 'local') continue;
      await ec2.send(new DeleteRouteCommand({ RouteTableId, DestinationCidrBlock }));
    }
    for (const { cidrBlock, gatewayId } of (inputs.routes as TableRoute[] | undefined) ?? []) {
      await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: cidrBlock, GatewayId: gatewayId }));
    }
    await ec2.send(new CreateTagsCommand({ Resources: [RouteTableId], Tags: toTagList(allTags(inputs)) }));
    return RouteTableId;
  },
  async read(id, { clients: { ec2 } }) {
    const table = await findTable(ec2, id);
    if (!table) return undefined;
    const own = (table.Routes ?? []).filter(({ GatewayId }) => GatewayId !== 'local');
    const routes = own.map(({ DestinationCidrBlock, GatewayId }) => ({
      cidrBlock: DestinationCidrBlock,
      gatewayId: GatewayId,
    }));
    return { id, tags: fromTagList(table.Tags), state: { defaultRouteTableId: id, vpcId: table.VpcId, routes } };
  },
  delete: async () => undefined,
};

interface TableRoute {
  cidrBlock: string;
  gatewayId: string;
}

/** A rule of a security group, as `@pulumi/aws` has it. */
interface GroupRule {
  protocol: string;
  fromPort: number;
  toPort: number;
  cidrBlocks?: string[];
  securityGroups?: string[];
}

/** `aws_security_group`: the plugin removes the rule by which AWS lets everything out, unless it is asked for. */
export const securityGroupKind: ResourceKind = {
  type: 'aws:ec2/securityGroup:SecurityGroup',
  fixed: ['name', 'namePrefix', 'description', 'vpcId'],
  computed: ['arn', 'ownerId', 'tagsAll'],
  async create(inputs, { clients: { ec2 }, allTags }) {
    const { GroupId = '' } = await ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: inputs.name as string,
        Description: (inputs.description as string | undefined) ?? 'Managed by Pulumi',
        VpcId: inputs.vpcId as string,
        TagSpecifications: tagged('security-group', allTags(inputs)),
      }),
    );
    const everything = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [everything] }));
    await authorize(ec2, GroupId, inputs);
    return GroupId;
  },
  async read(id, { clients: { ec2 } }) {
    const found = await unlessGone(
      ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] })),
      'InvalidGroup.NotFound',
    );
    const group = found?.SecurityGroups?.[0];
    if (!group) return undefined;
    const state = {
      name: group.GroupName,
      description: group.Description,
      vpcId: group.VpcId,
      ingress: (group.IpPermissions ?? []).map(fromPermission),
      egress: (group.IpPermissionsEgress ?? []).map(fromPermission),
    };
    return { id, tags: fromTagList(group.Tags), state };
  },
  async delete(id, _inputs, { clients: { ec2 } }) {
    await unlessGone(ec2.send(new DeleteSecurityGroupCommand({ GroupId: id })), 'InvalidGroup.NotFound');
  },
};

async function authorize(ec2: EC2Client, GroupId: string, { ingress, egress }: JsonObject): Promise<void> {
  const [into, out] = [ingress, egress].map((rules) => ((rules as GroupRule[] | undefined) ?? []).map(toPermission));
  if (into && into.length > 0) {
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: into }));
  }
  if (out && out.length > 0) {
    await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: out }));
  }
}

function toPermission({ protocol, fromPort, toPort, cidrBlocks = [], securityGroups = [] }: GroupRule): IpPermission {
  return {
    IpProtocol: protocol,
    ...(protocol === '-1' ? {} : { FromPort: fromPort, ToPort: toPort }),
    IpRanges: cidrBlocks.map((CidrIp) => ({ CidrIp })),
    UserIdGroupPairs: securityGroups.map((GroupId) => ({ GroupId })),
  };
}

function fromPermission({ IpProtocol, FromPort, ToPort, IpRanges, UserIdGroupPairs }: IpPermission): object {
  const groups = (UserIdGroupPairs ?? []).map(({ GroupId }) => GroupId);
  const blocks = (IpRanges ?? []).map(({ CidrIp }) => CidrIp);
  return {
    protocol: IpProtocol,
    fromPort: FromPort ?? 0,
    toPort: ToPort ?? 0,
    ...(blocks.length > 0 ? { cidrBlocks: blocks } : {}),
    ...(groups.length > 0 ? { securityGroups: groups } : {}),
  };
}

async function findTable(ec2: EC2Client, id: string) {
  const asked = ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [id] }));
  return (await unlessGone(asked, 'InvalidRouteTableID.NotFound'))?.RouteTables?.[0];
}
