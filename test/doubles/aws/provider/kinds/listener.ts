import {
  type Action,
  AddTagsCommand,
  CreateListenerCommand,
  CreateRuleCommand,
  DeleteListenerCommand,
  DeleteRuleCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  type ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyRuleCommand,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { fromTagList, type ResourceKind, toTagList, unlessGone } from '../kind.ts';

const NO_LISTENER = ['ListenerNotFoundException', 'ListenerNotFound'];
const NO_RULE = ['RuleNotFoundException', 'RuleNotFound', ...NO_LISTENER];

/** An action as `@pulumi/aws` has it. */
interface RuleAction {
  type: string;
  order?: number;
  targetGroupArn?: string;
  fixedResponse?: { contentType: string; messageBody?: string; statusCode?: string };
  forward?: {
    targetGroups: { arn: string; weight?: number }[];
    stickiness?: { enabled?: boolean; duration: number };
  };
}

/** A condition as `@pulumi/aws` has it. */
interface Condition {
  hostHeader?: { values: string[] };
  pathPattern?: { values: string[] };
  httpHeader?: { httpHeaderName: string; values: string[] };
  sourceIp?: { values: string[] };
}

export const listenerKind: ResourceKind = {
  type: 'aws:lb/listener:Listener',
  fixed: ['loadBalancerArn'],
  computed: ['arn', 'tagsAll'],
  async create(inputs, { clients: { elb }, allTags }) {
    const { Listeners } = await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: inputs.loadBalancerArn as string,
        Port: inputs.port as number,
        Protocol: inputs.protocol as 'HTTP',
        ...(inputs.certificateArn === undefined
          ? {}
          : {
              Certificates: [{ CertificateArn: inputs.certificateArn as string }],
              SslPolicy: inputs.sslPolicy as string,
            }),
        DefaultActions: (inputs.defaultActions as unknown as RuleAction[]).map(toAction),
        Tags: toTagList(allTags(inputs)),
      }),
    );
    return Listeners?.[0]?.ListenerArn ?? '';
  },
  async read(id, { clients: { elb } }) {
    const found = await unlessGone(elb.send(new DescribeListenersCommand({ ListenerArns: [id] })), ...NO_LISTENER);
    const listener = found?.Listeners?.[0];
    if (!listener) return undefined;
    const state = {
      arn: id,
      loadBalancerArn: listener.LoadBalancerArn,
      port: listener.Port,
      protocol: listener.Protocol,
      certificateArn: listener.Certificates?.[0]?.CertificateArn,
      sslPolicy: listener.SslPolicy,
      defaultActions: (listener.DefaultActions ?? []).map(fromAction),
    };
    return { id, tags: await tagsOf(elb, id), state };
  },
  async update(id, news, { clients: { elb }, allTags }) {
    const DefaultActions = (news.defaultActions as unknown as RuleAction[]).map(toAction);
    await elb.send(new ModifyListenerCommand({ ListenerArn: id, Port: news.port as number, DefaultActions }));
    await elb.send(new AddTagsCommand({ ResourceArns: [id], Tags: toTagList(allTags(news)) }));
  },
  async delete(id, _inputs, { clients: { elb } }) {
    await unlessGone(elb.send(new DeleteListenerCommand({ ListenerArn: id })), ...NO_LISTENER);
  },
};

/** `aws_lb_listener_rule`: without a priority it takes the one after the last, and asks again when that is taken. */
export const listenerRuleKind: ResourceKind = {
  type: 'aws:lb/listenerRule:ListenerRule',
  fixed: ['listenerArn'],
  computed: ['arn', 'tagsAll', 'priority'],
  async create(inputs, { clients: { elb }, allTags }) {
    const ListenerArn = inputs.listenerArn as string;
    for (let attempt = 0; ; attempt++) {
      const Priority = (inputs.priority as number | undefined) ?? (await nextPriority(elb, ListenerArn));
      try {
        const { Rules } = await elb.send(
          new CreateRuleCommand({
            ListenerArn,
            Priority,
            Conditions: (inputs.conditions as unknown as Condition[]).map(toCondition),
            Actions: (inputs.actions as unknown as RuleAction[]).map(toAction),
            Tags: toTagList(allTags(inputs)),
          }),
        );
        return Rules?.[0]?.RuleArn ?? '';
      } catch (error) {
        const taken = (error as Error).name.startsWith('PriorityInUse');
        if (!taken || inputs.priority !== undefined || attempt > 9) throw error;
      }
    }
  },
  async read(id, { clients: { elb } }) {
    const found = await unlessGone(elb.send(new DescribeRulesCommand({ RuleArns: [id] })), ...NO_RULE);
    const rule = found?.Rules?.[0];
    if (!rule) return undefined;
    const state = {
      arn: id,
      listenerArn: id.replace(':listener-rule/', ':listener/').replace(/\/[^/]+$/, ''),
      priority: Number(rule.Priority),
      conditions: (rule.Conditions ?? []).map(fromCondition),
      actions: (rule.Actions ?? []).map(fromAction),
    };
    return { id, tags: await tagsOf(elb, id), state };
  },
  async update(id, news, { clients: { elb }, allTags }) {
    await elb.send(
      new ModifyRuleCommand({
        RuleArn: id,
        Conditions: (news.conditions as unknown as Condition[]).map(toCondition),
        Actions: (news.actions as unknown as RuleAction[]).map(toAction),
      }),
    );
    await elb.send(new AddTagsCommand({ ResourceArns: [id], Tags: toTagList(allTags(news)) }));
  },
  async delete(id, _inputs, { clients: { elb } }) {
    await unlessGone(elb.send(new DeleteRuleCommand({ RuleArn: id })), ...NO_RULE);
  },
};

async function nextPriority(elb: ElasticLoadBalancingV2Client, ListenerArn: string): Promise<number> {
  const { Rules = [] } = await elb.send(new DescribeRulesCommand({ ListenerArn }));
  return Math.max(0, ...Rules.map(({ Priority }) => Number(Priority)).filter(Number.isFinite)) + 1;
}

async function tagsOf(elb: ElasticLoadBalancingV2Client, arn: string): Promise<Record<string, string>> {
  const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns: [arn] }));
  return fromTagList(TagDescriptions?.[0]?.Tags);
}

function toAction({ type, order, targetGroupArn, fixedResponse, forward }: RuleAction): Action {
  const stickiness = forward?.stickiness;
  return {
    Type: type as 'forward',
    ...(order === undefined ? {} : { Order: order }),
    ...(targetGroupArn === undefined ? {} : { TargetGroupArn: targetGroupArn }),
    ...(fixedResponse
      ? {
          FixedResponseConfig: {
            ContentType: fixedResponse.contentType,
            MessageBody: fixedResponse.messageBody,
            StatusCode: fixedResponse.statusCode,
          },
        }
      : {}),
    ...(forward
      ? {
          ForwardConfig: {
            TargetGroups: forward.targetGroups.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: weight ?? 1 })),
            ...(stickiness
              ? {
                  TargetGroupStickinessConfig: {
                    Enabled: stickiness.enabled ?? false,
                    DurationSeconds: stickiness.duration,
                  },
                }
              : {}),
          },
        }
      : {}),
  };
}

/** A forward to one group is shown in its short form, as the plugin does. */
function fromAction({ Type, TargetGroupArn, FixedResponseConfig: fixed, ForwardConfig: forward }: Action): object {
  const groups = forward?.TargetGroups ?? [];
  const only = groups.length > 1 ? undefined : (TargetGroupArn ?? groups[0]?.TargetGroupArn);
  return {
    type: Type,
    ...(fixed
      ? {
          fixedResponse: {
            contentType: fixed.ContentType,
            messageBody: fixed.MessageBody,
            statusCode: fixed.StatusCode,
          },
        }
      : {}),
    ...(only === undefined ? {} : { targetGroupArn: only }),
    ...(groups.length > 1
      ? { forward: { targetGroups: groups.map((group) => ({ arn: group.TargetGroupArn, weight: group.Weight })) } }
      : {}),
  };
}

function toCondition({ hostHeader, pathPattern, httpHeader, sourceIp }: Condition): RuleCondition {
  if (hostHeader) return { Field: 'host-header', HostHeaderConfig: { Values: hostHeader.values } };
  if (pathPattern) return { Field: 'path-pattern', PathPatternConfig: { Values: pathPattern.values } };
  if (sourceIp) return { Field: 'source-ip', SourceIpConfig: { Values: sourceIp.values } };
  const { httpHeaderName = '', values = [] } = httpHeader ?? {};
  return { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: httpHeaderName, Values: values } };
}

function fromCondition(condition: RuleCondition): Condition {
  const {
    HostHeaderConfig: host,
    PathPatternConfig: path,
    HttpHeaderConfig: header,
    SourceIpConfig: source,
  } = condition;
  if (host) return { hostHeader: { values: host.Values ?? [] } };
  if (path) return { pathPattern: { values: path.Values ?? [] } };
  if (source) return { sourceIp: { values: source.Values ?? [] } };
  return { httpHeader: { httpHeaderName: header?.HttpHeaderName ?? '', values: header?.Values ?? [] } };
}
