import { createHash } from 'node:crypto';
import {
  DeleteRuleCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  type Rule,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { StackId } from '../../../src/stacks/blueprint.ts';
import { type AwsClients, type AwsPlace, openClients } from '../clients.ts';
import { type CloudKind, type FoundResource, fromTagList, readPages, splitIntoChunks, unlessGone } from '../kind.ts';
import { formatAwsName, isSameStack, readTags } from '../names.ts';
import { listTagged, TAGGED_AT_ONCE } from './target-group.ts';

const GONE = [
  ...['TargetGroupNotFoundException', 'TargetGroupNotFound', 'LoadBalancerNotFoundException', 'LoadBalancerNotFound'],
  ...['ListenerNotFoundException', 'ListenerNotFound', 'RuleNotFoundException', 'RuleNotFound'],
];

/**
 * The rule by which a revision can be reached before it has any traffic. It has no name, and the tagging API knows it in
 * some places only: but while it is there, its target group is, and AWS says which load balancer that is used by.
 */
export const testRules: CloudKind = {
  type: 'aws:lb/listenerRule:ListenerRule',
  async find(stack, clients) {
    const asked = clients.elb.send(new DescribeTargetGroupsCommand({ Names: [formatAwsName(stack)] }));
    const groups = (await unlessGone(asked, ...GONE))?.TargetGroups ?? [];
    const rules = await listRules(groups, clients);
    return rules.filter((rule) => isSameStack(rule.stack, stack)).map(({ stack: _own, ...found }) => found);
  },
  async list(clients) {
    return listRules(
      (await listTagged(clients)).map(({ group }) => group),
      clients,
    );
  },
  async remove({ id }, { elb }) {
    await unlessGone(elb.send(new DeleteRuleCommand({ RuleArn: id })), ...GONE);
  },
};

/** The tagged rules of the load balancers that use these groups. */
async function listRules(
  groups: readonly TargetGroup[],
  clients: AwsClients,
): Promise<(FoundResource & { stack: StackId })[]> {
  const balancers = new Set(groups.flatMap(({ LoadBalancerArns = [] }) => LoadBalancerArns));
  const rules = await listTaggedRules(await listListeners([...balancers], clients), clients);
  return rules.flatMap(({ id, tags }) => {
    const stack = readTags(tags);
    return stack ? [{ id, importId: id, label: `listener rule ${id.split('/').at(-1)} of ${stack.stack}`, stack }] : [];
  });
}

/** The listeners of load balancers, by their ARNs. */
export async function listListeners(balancers: readonly string[], { elb }: AwsClients): Promise<string[]> {
  const found = await Promise.all(
    balancers.map(async (LoadBalancerArn) => {
      return (await unlessGone(elb.send(new DescribeListenersCommand({ LoadBalancerArn })), ...GONE))?.Listeners ?? [];
    }),
  );
  return found.flat().map(({ ListenerArn = '' }) => ListenerArn);
}

/** The rules of these listeners with their tags, default actions aside. */
export async function listTaggedRules(
  listeners: readonly string[],
  { elb }: AwsClients,
): Promise<{ id: string; tags: Record<string, string> }[]> {
  const rules = await Promise.all(
    listeners.map(async (ListenerArn) =>
      readPages<Rule>(async (Marker) => {
        const found = await unlessGone(elb.send(new DescribeRulesCommand({ ListenerArn, Marker })), ...GONE);
        return { items: found?.Rules ?? [], next: found?.NextMarker };
      }),
    ),
  );
  const arns = rules
    .flat()
    .flatMap(({ RuleArn, IsDefault }) => (RuleArn === undefined || IsDefault === true ? [] : [RuleArn]));
  const tagged = await Promise.all(
    splitIntoChunks(arns, TAGGED_AT_ONCE).map(async (ResourceArns) => {
      const described = await unlessGone(elb.send(new DescribeTagsCommand({ ResourceArns })), ...GONE);
      return described?.TagDescriptions ?? [];
    }),
  );
  return tagged.flat().map(({ ResourceArn: id = '', Tags }) => ({ id, tags: fromTagList(Tags) }));
}

/** Rules by which revisions are tested come before those of services, which begin here: these would take everything. */
export const SERVICE_PRIORITIES = 40_000;

/**
 * The priority of a revision's own rule: the one that it has, or else a free one, by its name. Two revisions that look at
 * the same time look in different places; should they still meet, AWS refuses one, which tries again.
 */
export async function choosePriority(listener: string, name: string, place: AwsPlace): Promise<number> {
  const clients = openClients(place);
  try {
    const rules = await readPages<Rule>(async (Marker) => {
      const { Rules = [], NextMarker } = await clients.elb.send(
        new DescribeRulesCommand({ ListenerArn: listener, Marker }),
      );
      return { items: Rules, next: NextMarker };
    });
    const own = rules.find(({ Conditions = [] }) =>
      Conditions.some(({ HttpHeaderConfig: header }) => header?.Values?.includes(name)),
    );
    if (own) return Number(own.Priority);
    const taken = new Set(rules.map(({ Priority }) => Number(Priority)));
    const first = createHash('sha256').update(name).digest().readUInt32BE() % (SERVICE_PRIORITIES - 1);
    const free = Array.from({ length: taken.size + 1 }, (_, step) => 1 + ((first + step) % (SERVICE_PRIORITIES - 1)));
    return free.find((priority) => !taken.has(priority)) ?? 1;
  } finally {
    clients.close();
  }
}
