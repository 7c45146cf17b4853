import {
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteRuleCommand,
  DescribeLoadBalancersCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { StackId } from '../../../src/stacks/blueprint.ts';
import type { AwsClients } from '../../aws/clients.ts';
import { type CloudKind, type FoundResource, unlessGone } from '../../aws/kind.ts';
import { listListeners, listTaggedRules } from '../../aws/kinds/listener-rule.ts';
import { formatAwsName, isSameStack, readTags } from '../../aws/names.ts';

const GONE = [
  ...['LoadBalancerNotFoundException', 'LoadBalancerNotFound', 'ListenerNotFoundException', 'ListenerNotFound'],
  ...['RuleNotFoundException', 'RuleNotFound'],
];

export const loadBalancers: CloudKind = {
  type: 'aws:lb/loadBalancer:LoadBalancer',
  async find(stack, { elb }) {
    const asked = elb.send(new DescribeLoadBalancersCommand({ Names: [formatAwsName(stack)] }));
    const found = (await unlessGone(asked, ...GONE))?.LoadBalancers ?? [];
    return found.map(({ LoadBalancerArn: id = '', LoadBalancerName = '' }) => ({
      id,
      importId: id,
      label: `load balancer ${LoadBalancerName}`,
    }));
  },
  async remove({ id }, { elb }) {
    await unlessGone(elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: id })), ...GONE);
  },
};

/** Found by the load balancer that it is of. */
export const listeners: CloudKind = {
  type: 'aws:lb/listener:Listener',
  async find(stack, clients) {
    return (await listListenersOf(stack, clients)).map((id) => ({ id, importId: id, label: `listener ${id}` }));
  },
  async remove({ id }, { elb }) {
    await unlessGone(elb.send(new DeleteListenerCommand({ ListenerArn: id })), ...GONE);
  },
};

/** Found by the listener that they are of, and their tags. */
export const serviceRules: CloudKind = {
  type: 'aws:lb/listenerRule:ListenerRule',
  several: true,
  async find(stack, clients) {
    const rules = await listTaggedRules(await listListenersOf(stack, clients), clients);
    return rules.flatMap(({ id, tags }): FoundResource[] => {
      if (!isSameStack(readTags(tags), stack)) return [];
      const name = tags.Name?.slice(formatAwsName(stack).length + 1) ?? '';
      return [{ id, importId: id, name, label: `listener rule ${name}` }];
    });
  },
  async remove({ id }, { elb }) {
    await unlessGone(elb.send(new DeleteRuleCommand({ RuleArn: id })), ...GONE);
  },
};

async function listListenersOf(stack: StackId, clients: AwsClients): Promise<string[]> {
  const balancers = await loadBalancers.find(stack, clients);
  return listListeners(
    balancers.map(({ id }) => id),
    clients,
  );
}
