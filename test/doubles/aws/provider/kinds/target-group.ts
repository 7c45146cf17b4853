import {
  AddTagsCommand,
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { JsonObject } from '../../../../../src/domain/json.ts';
import { fromTagList, type ResourceKind, toTagList, unlessGone, waitFor } from '../kind.ts';

const GONE = ['TargetGroupNotFoundException', 'TargetGroupNotFound'];

interface HealthCheck {
  enabled?: boolean;
  path?: string;
  port?: string;
  protocol?: string;
  matcher?: string;
  interval?: number;
  timeout?: number;
  healthyThreshold?: number;
  unhealthyThreshold?: number;
}

/** The package's name of an attribute, and AWS's. */
const ATTRIBUTES: Record<string, string> = {
  deregistrationDelay: 'deregistration_delay.timeout_seconds',
  connectionTermination: 'deregistration_delay.connection_termination.enabled',
  slowStart: 'slow_start.duration_seconds',
  loadBalancingAlgorithmType: 'load_balancing.algorithm.type',
  lambdaMultiValueHeadersEnabled: 'lambda.multi_value_headers.enabled',
};

/** `aws_lb_target_group` of terraform-provider-aws 6: internal/service/elbv2/target_group.go. */
export const targetGroupKind: ResourceKind = {
  type: 'aws:lb/targetGroup:TargetGroup',
  fixed: ['name', 'namePrefix', 'port', 'protocol', 'protocolVersion', 'targetType', 'vpcId', 'ipAddressType'],
  computed: ['arn', 'arnSuffix', 'loadBalancerArns', 'tagsAll'],
  faults({ name, targetType = 'instance', port, protocol, vpcId }) {
    const needed = targetType === 'lambda' ? {} : { port, protocol, vpcId };
    return [
      ...(typeof name === 'string' && !/^(?!-)[A-Za-z0-9-]{1,32}(?<!-)$/.test(name)
        ? [
            {
              property: 'name',
              reason: '"name" cannot be longer than 32 characters, or holds others than a-z, 0-9 and -',
            },
          ]
        : []),
      ...Object.entries(needed)
        .filter(([, value]) => value === undefined)
        .map(([property]) => ({
          property,
          reason: `Attribute "${property}" must be specified when "target_type" is "${targetType as string}"`,
        })),
    ];
  },
  async create(inputs, { clients: { elb }, allTags }) {
    const name = inputs.name as string;
    const there = await unlessGone(elb.send(new DescribeTargetGroupsCommand({ Names: [name] })), ...GONE);
    if (there?.TargetGroups?.[0]) throw new Error(`ELBv2 Target Group (${name}) already exists`);
    const { TargetGroups } = await elb.send(
      new CreateTargetGroupCommand({
        Name: name,
        Port: inputs.port as number,
        Protocol: inputs.protocol as 'HTTP',
        ProtocolVersion: inputs.protocolVersion as string,
        VpcId: inputs.vpcId as string,
        TargetType: (inputs.targetType as 'instance' | undefined) ?? 'instance',
        ...toHealthCheck(inputs.healthCheck as HealthCheck | undefined),
        Tags: toTagList(allTags(inputs)),
      }),
    );
    const arn = TargetGroups?.[0]?.TargetGroupArn ?? '';
    await setAttributes(elb, arn, inputs);
    return arn;
  },
  async read(id, { clients: { elb } }) {
    const found = await unlessGone(elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [id] })), ...GONE);
    const group = found?.TargetGroups?.[0];
    if (!group) return undefined;
    const [{ Attributes }, { TagDescriptions }] = await Promise.all([
      elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: id })),
      elb.send(new DescribeTagsCommand({ ResourceArns: [id] })),
    ]);
    const attributes = fromTagList(Attributes);
    return { id, tags: fromTagList(TagDescriptions?.[0]?.Tags), state: describe(group, attributes) };
  },
  async update(id, news, { clients: { elb }, allTags }) {
    await elb.send(
      new ModifyTargetGroupCommand({ TargetGroupArn: id, ...toHealthCheck(news.healthCheck as HealthCheck) }),
    );
    await setAttributes(elb, id, news);
    await elb.send(new AddTagsCommand({ ResourceArns: [id], Tags: toTagList(allTags(news)) }));
  },
  /** A group that is still in use is asked for again for two minutes by the plugin; here for as long as a test can wait. */
  async delete(id, _inputs, { clients: { elb } }) {
    let last: unknown;
    await waitFor(
      async () => {
        try {
          await unlessGone(elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: id })), ...GONE);
          return true;
        } catch (error) {
          if (!(error as Error).name.startsWith('ResourceInUse')) throw error;
          last = error;
          return false;
        }
      },
      'ELBv2 Target Group to be free',
      60,
    ).catch(() => {
      throw new Error(`deleting ELBv2 Target Group (${id}): ${(last as Error).message}`);
    });
  },
};

/** `aws_lb_target_group_attachment`: RegisterTargets, which AWS takes twice. */
export const targetGroupAttachmentKind: ResourceKind = {
  type: 'aws:lb/targetGroupAttachment:TargetGroupAttachment',
  fixed: ['targetGroupArn', 'targetId', 'port', 'availabilityZone'],
  computed: [],
  async create({ targetGroupArn, targetId, port }, { clients: { elb } }) {
    const Targets = [{ Id: targetId as string, Port: port as number }];
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn as string, Targets }));
    return `${targetGroupArn as string},${targetId as string}`;
  },
  async read(id, { clients: { elb } }) {
    const [targetGroupArn = '', targetId = ''] = id.split(',');
    const Targets = [{ Id: targetId }];
    const health = await unlessGone(
      elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn, Targets })),
      ...GONE,
      'InvalidTargetException',
      'InvalidTarget',
    );
    const state = health?.TargetHealthDescriptions?.[0]?.TargetHealth?.State;
    return state === undefined || state === 'unused' ? undefined : { id, state: { targetGroupArn, targetId } };
  },
  async delete(id, { port }, { clients: { elb } }) {
    const [TargetGroupArn = '', Id = ''] = id.split(',');
    const Targets = [{ Id, ...(port === undefined ? {} : { Port: port as number }) }];
    await unlessGone(
      elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets })),
      ...GONE,
      'InvalidTargetException',
    );
  },
};

function toHealthCheck(check: HealthCheck | undefined) {
  if (!check) return {};
  return {
    HealthCheckEnabled: check.enabled,
    HealthCheckPath: check.path,
    HealthCheckPort: check.port,
    HealthCheckProtocol: check.protocol as 'HTTP' | undefined,
    HealthCheckIntervalSeconds: check.interval,
    HealthCheckTimeoutSeconds: check.timeout,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    ...(check.matcher === undefined ? {} : { Matcher: { HttpCode: check.matcher } }),
  };
}

async function setAttributes(elb: ElasticLoadBalancingV2Client, arn: string, inputs: JsonObject): Promise<void> {
  const Attributes = Object.entries(ATTRIBUTES)
    .filter(([name]) => inputs[name] !== undefined)
    .map(([name, Key]) => ({ Key, Value: String(inputs[name] as string | number | boolean) }));
  const stickiness = inputs.stickiness as { enabled?: boolean; type?: string; cookieDuration?: number } | undefined;
  if (stickiness) {
    Attributes.push({ Key: 'stickiness.enabled', Value: String(stickiness.enabled ?? true) });
    if (stickiness.type !== undefined) Attributes.push({ Key: 'stickiness.type', Value: stickiness.type });
  }
  if (Attributes.length > 0)
    await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes }));
}

function describe(group: TargetGroup, attributes: Record<string, string>): object {
  const arn = group.TargetGroupArn ?? '';
  const named = Object.entries(ATTRIBUTES).flatMap(([name, key]) => {
    const value = attributes[key];
    if (value === undefined) return [];
    return [
      [name, value === 'true' || value === 'false' ? value === 'true' : /^\d+$/.test(value) ? Number(value) : value],
    ];
  });
  return {
    arn,
    arnSuffix: arn.split(':').at(-1),
    name: group.TargetGroupName,
    port: group.Port,
    protocol: group.Protocol,
    protocolVersion: group.ProtocolVersion,
    targetType: group.TargetType,
    vpcId: group.VpcId,
    loadBalancerArns: group.LoadBalancerArns ?? [],
    healthCheck: {
      enabled: group.HealthCheckEnabled,
      path: group.HealthCheckPath,
      port: group.HealthCheckPort,
      protocol: group.HealthCheckProtocol,
      matcher: group.Matcher?.HttpCode,
      interval: group.HealthCheckIntervalSeconds,
      timeout: group.HealthCheckTimeoutSeconds,
      healthyThreshold: group.HealthyThresholdCount,
      unhealthyThreshold: group.UnhealthyThresholdCount,
    },
    ...(Object.fromEntries(named) as object),
    ...(attributes['stickiness.enabled'] === undefined
      ? {}
      : { stickiness: { enabled: attributes['stickiness.enabled'] === 'true', type: attributes['stickiness.type'] } }),
  };
}
