import { getAvailabilityZones } from '@pulumi/aws/getAvailabilityZones.js';
import { DefaultRouteTable } from '@pulumi/aws/ec2/defaultRouteTable.js';
import { InternetGateway } from '@pulumi/aws/ec2/internetGateway.js';
import { SecurityGroup } from '@pulumi/aws/ec2/securityGroup.js';
import { Subnet } from '@pulumi/aws/ec2/subnet.js';
import { Vpc } from '@pulumi/aws/ec2/vpc.js';
import { type EnvironmentContext, nameTag, type Network } from './context.ts';
import { internetGateways, securityGroups, subnets as subnetKind, vpcs } from './kinds/network.ts';

/** The network that is given, or one of its own: public subnets, since a gateway for private ones costs by the hour. */
export async function createNetwork(context: EnvironmentContext): Promise<Network> {
  const { config, own } = context;
  if (config.network) return config.network;
  const vpc = new Vpc(
    'vpc',
    { cidrBlock: config.cidr, enableDnsHostnames: true, tags: nameTag(context, 'vpc') },
    own('vpc', vpcs),
  );
  const gateway = new InternetGateway(
    'gateway',
    { vpcId: vpc.id, tags: nameTag(context, 'gateway') },
    own('gateway', internetGateways),
  );
  // The one that every network has: its subnets follow it without being told.
  const table = {
    defaultRouteTableId: vpc.defaultRouteTableId,
    routes: [{ cidrBlock: '0.0.0.0/0', gatewayId: gateway.id }],
  };
  new DefaultRouteTable('routes', table, own('routes'));
  const { provider } = own('zones');
  const { names } = await getAvailabilityZones({ state: 'available' }, provider ? { provider } : {});
  const subnets = splitNetwork(config.cidr, config.zones).map((cidrBlock, index) => {
    const part = `subnet-${index + 1}`;
    const args = { vpcId: vpc.id, cidrBlock, availabilityZone: names[index] ?? '', mapPublicIpOnLaunch: true };
    return new Subnet(part, { ...args, tags: nameTag(context, part) }, own(part, subnetKind)).id;
  });
  return { vpc: vpc.id, subnets, publicIp: true };
}

/** Who may talk to whom: the world to the load balancer, and it to everything behind it. */
export function createSecurityGroups(context: EnvironmentContext, { vpc }: Network) {
  const { name, config, own } = context;
  const port = config.certificate === undefined ? 80 : 443;
  const everywhere = [{ protocol: '-1', fromPort: 0, toPort: 0, cidrBlocks: ['0.0.0.0/0'] }];
  const balancer = new SecurityGroup(
    'balancer',
    {
      name: `${name}-balancer`,
      description: 'Who may reach the load balancer',
      vpcId: vpc,
      ingress: [{ protocol: 'tcp', fromPort: port, toPort: port, cidrBlocks: config.allow }],
      egress: everywhere,
      tags: nameTag(context, 'balancer'),
    },
    own('balancer', securityGroups),
  );
  const targets = new SecurityGroup(
    'targets',
    {
      name: `${name}-targets`,
      description: 'What is behind the load balancer',
      vpcId: vpc,
      ingress: [{ protocol: 'tcp', fromPort: 1, toPort: 65_535, securityGroups: [balancer.id] }],
      egress: everywhere,
      tags: nameTag(context, 'targets'),
    },
    own('targets', securityGroups),
  );
  return { balancer, targets };
}

/** The first of sixteen equal parts: `10.20.0.0/16` has `10.20.0.0/20`, `10.20.16.0/20`, … */
export function splitNetwork(cidr: string, parts: number): string[] {
  const [address = '', bits = '16'] = cidr.split('/');
  const base = address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
  const length = Number(bits) + 4;
  return Array.from({ length: parts }, (_, index) => {
    const start = base + index * 2 ** (32 - length);
    return `${[24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join('.')}/${length}`;
  });
}
