import {
  AddTagsCommand,
  CreateLoadBalancerCommand,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  type ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { JsonObject } from '../../../../../src/domain/json.ts';
import { fromTagList, type ResourceKind, toTagList, unlessGone } from '../kind.ts';

const GONE = ['LoadBalancerNotFoundException', 'LoadBalancerNotFound'];

const ATTRIBUTES: Record<string, string> = {
  enableDeletionProtection: 'deletion_protection.enabled',
  idleTimeout: 'idle_timeout.timeout_seconds',
  dropInvalidHeaderFields: 'routing.http.drop_invalid_header_fields.enabled',
};

/** `aws_lb`, application load balancers only. */
export const loadBalancerKind: ResourceKind = {
  type: 'aws:lb/loadBalancer:LoadBalancer',
  fixed: ['name', 'namePrefix', 'internal', 'loadBalancerType'],
  computed: ['arn', 'arnSuffix', 'dnsName', 'zoneId', 'vpcId', 'tagsAll'],
  faults({ name }) {
    return typeof name === 'string' && !/^(?!-|internal-)[A-Za-z0-9-]{1,32}(?<!-)$/.test(name)
      ? [
          {
            property: 'name',
            reason: '"name" cannot be longer than 32 characters, or holds others than a-z, 0-9 and -',
          },
        ]
      : [];
  },
  async create(inputs, { clients: { elb }, allTags }) {
    const name = inputs.name as string;
    const there = await unlessGone(elb.send(new DescribeLoadBalancersCommand({ Names: [name] })), ...GONE);
    if (there?.LoadBalancers?.[0]) throw new Error(`ELBv2 Load Balancer (${name}) already exists`);
    const { LoadBalancers } = await elb.send(
      new CreateLoadBalancerCommand({
        Name: name,
        Type: 'application',
        Scheme: inputs.internal === true ? 'internal' : 'internet-facing',
        Subnets: inputs.subnets as string[],
        SecurityGroups: inputs.securityGroups as string[],
        Tags: toTagList(allTags(inputs)),
      }),
    );
    const arn = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
    await setAttributes(elb, arn, inputs);
    return arn;
  },
  async read(id, { clients: { elb } }) {
    const found = await unlessGone(elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [id] })), ...GONE);
    const balancer = found?.LoadBalancers?.[0];
    if (!balancer) return undefined;
    const [{ Attributes }, { TagDescriptions }] = await Promise.all([
      elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: id })),
      elb.send(new DescribeTagsCommand({ ResourceArns: [id] })),
    ]);
    const attributes = fromTagList(Attributes);
    const state = {
      arn: id,
      arnSuffix: id.split(':loadbalancer/').at(-1),
      name: balancer.LoadBalancerName,
      internal: balancer.Scheme === 'internal',
      loadBalancerType: 'application',
      dnsName: balancer.DNSName,
      zoneId: balancer.CanonicalHostedZoneId,
      vpcId: balancer.VpcId,
      subnets: (balancer.AvailabilityZones ?? []).map(({ SubnetId }) => SubnetId),
      securityGroups: balancer.SecurityGroups ?? [],
      enableDeletionProtection: attributes[ATTRIBUTES.enableDeletionProtection ?? ''] === 'true',
      idleTimeout: Number(attributes[ATTRIBUTES.idleTimeout ?? ''] ?? 60),
      dropInvalidHeaderFields: attributes[ATTRIBUTES.dropInvalidHeaderFields ?? ''] === 'true',
    };
    return { id, tags: fromTagList(TagDescriptions?.[0]?.Tags), state };
  },
  async update(id, news, { clients: { elb }, allTags }) {
    await setAttributes(elb, id, news);
    await elb.send(new AddTagsCommand({ ResourceArns: [id], Tags: toTagList(allTags(news)) }));
  },
  async delete(id, _inputs, { clients: { elb } }) {
    await unlessGone(elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: id })), ...GONE);
  },
};

async function setAttributes(elb: ElasticLoadBalancingV2Client, arn: string, inputs: JsonObject): Promise<void> {
  const Attributes = Object.entries(ATTRIBUTES)
    .filter(([name]) => inputs[name] !== undefined)
    .map(([name, Key]) => ({ Key, Value: String(inputs[name] as string | number | boolean) }));
  if (Attributes.length === 0) return;
  await elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn: arn, Attributes }));
}
