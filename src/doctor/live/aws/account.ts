import {
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type Subnet,
} from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsClients } from '../../../../blueprints/aws/clients.ts';
import { readPages } from '../../../../blueprints/aws/kind.ts';

/** Where nothing can be looked into, and what to do about it. */
export class AccountUnfitError extends Error {
  override readonly name = 'AccountUnfitError';
  readonly todo: string;

  constructor(message: string, todo: string) {
    super(message);
    this.todo = todo;
  }
}

/** Whose account it is, as AWS's standard chain of credentials finds it. */
export interface AwsIdentity {
  account: string;
  principal: string;
  region: string;
}

/** Where a load balancer can be made without making a network. */
export interface AwsNetwork {
  vpc: string;
  /** In two zones, as an Application Load Balancer needs them. */
  subnets: [string, string];
  /** An address of the first subnet that nobody has. */
  spareAddress: string;
}

/** An Application Load Balancer takes no subnet with fewer free addresses. */
const FREE_ADDRESSES = 8;

/** @throws AccountUnfitError */
export async function findIdentity(): Promise<AwsIdentity> {
  const client = new STSClient({});
  try {
    const region = await client.config.region();
    const { Account: account = 'unknown', Arn: principal = 'somebody' } = await client.send(
      new GetCallerIdentityCommand({}),
    );
    return { account, principal, region };
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new AccountUnfitError(`AWS cannot be asked: ${text}`, 'set AWS_REGION, and AWS_PROFILE or a role');
  } finally {
    client.destroy();
  }
}

/**
 * @param wanted the VPC to use; the region's default one unless told
 * @throws AccountUnfitError
 */
export async function findNetwork({ ec2 }: Pick<AwsClients, 'ec2'>, wanted?: string): Promise<AwsNetwork> {
  const filter = wanted === undefined ? { Name: 'is-default', Values: ['true'] } : { Name: 'vpc-id', Values: [wanted] };
  const { Vpcs: [found] = [] } = await ec2.send(new DescribeVpcsCommand({ Filters: [filter] }));
  const vpc = found?.VpcId;
  if (vpc === undefined) {
    const missing = wanted === undefined ? 'this region has no default VPC' : `there is no ${wanted} in this region`;
    throw new AccountUnfitError(missing, 'name a VPC that has subnets in two zones: --vpc vpc-0a1b2c3d');
  }
  const { Subnets: all = [] } = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpc] }] }),
  );
  const [first, second] = chooseSubnets(all);
  if (!first?.SubnetId || !second?.SubnetId) {
    throw new AccountUnfitError(
      `a load balancer needs subnets in two zones, with ${FREE_ADDRESSES} free addresses each; ${vpc} has ${describe(all)}`,
      'name a VPC that has them: --vpc vpc-0a1b2c3d',
    );
  }
  const spareAddress = await findSpareAddress({ ec2 }, first);
  return { vpc, subnets: [first.SubnetId, second.SubnetId], spareAddress };
}

function chooseSubnets(all: readonly Subnet[]): Subnet[] {
  const roomy = all.filter(({ AvailableIpAddressCount: free = 0 }) => free >= FREE_ADDRESSES);
  const byZone = new Map(roomy.map((subnet) => [subnet.AvailabilityZone, subnet]));
  return [...byZone.values()].slice(0, 2);
}

function describe(subnets: readonly Subnet[]): string {
  const words = subnets.map(
    ({ SubnetId, AvailabilityZone, AvailableIpAddressCount }) =>
      `${SubnetId ?? ''} in ${AvailabilityZone ?? ''} with ${AvailableIpAddressCount ?? 0}`,
  );
  return words.length === 0 ? 'none' : words.join(', ');
}

/** Its health is asked for, and nobody must be there to be disturbed. */
async function findSpareAddress(
  { ec2 }: Pick<AwsClients, 'ec2'>,
  { SubnetId, CidrBlock = '' }: Subnet,
): Promise<string> {
  const interfaces = await readPages(async (NextToken) => {
    const Filters = [{ Name: 'subnet-id', Values: [SubnetId ?? ''] }];
    const found = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters, NextToken }));
    return { items: found.NetworkInterfaces ?? [], next: found.NextToken };
  });
  const taken = new Set(
    interfaces.flatMap(({ PrivateIpAddresses = [] }) => PrivateIpAddresses.map((each) => each.PrivateIpAddress)),
  );
  const spare = listFromTheEnd(CidrBlock, taken.size + 1).find((address) => !taken.has(address));
  if (spare === undefined) throw new Error(`${CidrBlock} has no free address`);
  return spare;
}

/** The last addresses of a block, its very last one aside, which is for broadcasts: of `10.0.0.0/24`, `10.0.0.254` and so on. */
export function listFromTheEnd(cidr: string, count: number): string[] {
  const [address = '', bits = '32'] = cidr.split('/');
  const base = address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
  const last = base + 2 ** (32 - Number(bits)) - 2;
  return Array.from({ length: count }, (_, index) =>
    [24, 16, 8, 0].map((shift) => Math.floor((last - index) / 2 ** shift) % 256).join('.'),
  );
}
