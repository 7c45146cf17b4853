import { randomInt } from 'node:crypto';
import { GroupTargets } from './group-targets.ts';
import { LateReads } from './late-reads.ts';
import type { MotoClient } from './moto-client.ts';
import { AwsFault, type QueryFields, listOf, textOf, textsOf } from './query-protocol.ts';
import { MOST_GROUPS_OF_LOAD_BALANCER, assertActions } from './rule-limits.ts';
import type { TargetView } from './target-health.ts';
import { Topology, groupsOf, readGroupAttributes } from './topology.ts';

const INTERNET = 'internet-facing';

/** Actions that change what moto has, and those that change the targets that are kept here. */
const WRITES = /^(Create|Modify|Delete|Set)/;
const REGISTRATIONS = /^(Register|Deregister)/;

/**
 * Stands before moto's Elastic Load Balancing for what it does not model or gets wrong: the health of targets over time,
 * the limits of rules, a group's stickiness, late reads, two load balancers of one name.
 */
export class LoadBalancing {
  readonly late = new LateReads();
  readonly topology: Topology;
  readonly targets: GroupTargets;
  readonly #moto: MotoClient;
  readonly #watchers = new Set<() => void>();
  readonly #hosts = new Map<string, string>();

  constructor(moto: MotoClient, secondMs: number) {
    this.#moto = moto;
    this.topology = new Topology(moto);
    this.targets = new GroupTargets(moto, this.topology, secondMs);
  }

  /** Told after each write. */
  onChange(watcher: () => void): void {
    this.#watchers.add(watcher);
  }

  /** Where a load balancer is on this machine: an address of loopback of its own. */
  hostOf(loadBalancer: string): string {
    const host = this.#hosts.get(loadBalancer) ?? `127.${randomInt(64, 128)}.${randomInt(0, 256)}.${randomInt(2, 255)}`;
    this.#hosts.set(loadBalancer, host);
    return host;
  }

  /**
   * Before moto is asked.
   * @returns the answer, where moto is not asked at all
   * @throws AwsFault for what AWS refuses
   */
  async before(action: string, query: QueryFields): Promise<QueryFields | undefined> {
    switch (action) {
      case 'RegisterTargets':
        await this.targets.register(textOf(query.TargetGroupArn), listOf(query.Targets));
        return {};
      case 'DeregisterTargets':
        await this.targets.deregister(textOf(query.TargetGroupArn), listOf(query.Targets));
        return {};
      case 'DescribeTargetHealth': {
        const views = await this.targets.list(textOf(query.TargetGroupArn), listOf(query.Targets));
        return { TargetHealthDescriptions: views.map(describeTarget) };
      }
      case 'CreateLoadBalancer':
        return this.#existing(query);
      case 'CreateListener':
      case 'ModifyListener':
        return this.#beforeActions(query, listOf(query.DefaultActions));
      case 'CreateRule':
      case 'ModifyRule':
        return this.#beforeActions(query, listOf(query.Actions));
      default:
        return undefined;
    }
  }

  /** After moto has answered: what is shown of its answer. */
  async after(action: string, query: QueryFields, result: QueryFields): Promise<QueryFields> {
    if (action === 'DeleteTargetGroup') this.targets.forget(textOf(query.TargetGroupArn));
    const isWrite = WRITES.test(action);
    if (isWrite) this.topology.invalidate();
    if (isWrite || REGISTRATIONS.test(action)) {
      await this.targets.refresh();
      for (const tell of this.#watchers) tell();
    }
    const { LoadBalancers, Listeners, Rules } = result;
    return {
      ...result,
      ...(Array.isArray(LoadBalancers)
        ? { LoadBalancers: listOf(LoadBalancers).map((each) => this.#withHost(each)) }
        : {}),
      ...(action === 'DescribeListeners' ? { Listeners: this.#shown(listOf(Listeners), 'ListenerArn') } : {}),
      ...(action === 'DescribeRules' ? { Rules: this.#shown(listOf(Rules), 'RuleArn') } : {}),
    };
  }

  #shown(items: readonly QueryFields[], key: string): QueryFields[] {
    return items.map((item) => this.late.show(textOf(item[key])) ?? item);
  }

  #withHost(loadBalancer: QueryFields): QueryFields {
    // moto leaves the default out.
    return { Scheme: INTERNET, ...loadBalancer, DNSName: this.hostOf(textOf(loadBalancer.LoadBalancerArn)) };
  }

  /** AWS returns a load balancer that is there with the same settings, and refuses one with others. */
  async #existing(query: QueryFields): Promise<QueryFields | undefined> {
    const name = textOf(query.Name);
    const subnets = [
      ...textsOf(query.Subnets),
      ...listOf(query.SubnetMappings).map(({ SubnetId }) => textOf(SubnetId)),
    ];
    const isApplication = ['', 'application'].includes(textOf(query.Type));
    if (isApplication && new Set(subnets).size < 2) {
      const message = 'At least two subnets in two different Availability Zones must be specified';
      throw new AwsFault('ValidationError', message);
    }
    const { LoadBalancers } = await this.#moto.ask('elasticloadbalancing', 'DescribeLoadBalancers');
    const found = listOf(LoadBalancers).find(({ LoadBalancerName }) => textOf(LoadBalancerName) === name);
    if (!found) return undefined;
    const zones = listOf(found.AvailabilityZones).map(({ SubnetId }) => textOf(SubnetId));
    const isSame =
      zones.toSorted().join() === subnets.toSorted().join() &&
      (textOf(found.Scheme) || INTERNET) === (textOf(query.Scheme) || INTERNET);
    if (isSame) return { LoadBalancers: [this.#withHost(found)] };
    const message = `A load balancer with the same name '${name}' exists, but with different settings`;
    throw new AwsFault('DuplicateLoadBalancerName', message);
  }

  async #beforeActions(query: QueryFields, actions: QueryFields[]): Promise<undefined> {
    const groups = [...new Set(groupsOf(actions))];
    assertActions(actions, groups.length > 1 ? await this.#sticky(groups) : new Set());
    const listeners = await this.topology.listeners();
    const changed = listeners.find(
      ({ arn, rules }) => arn === textOf(query.ListenerArn) || rules.some((rule) => rule.arn === textOf(query.RuleArn)),
    );
    const loadBalancer = changed?.loadBalancer ?? textOf(query.LoadBalancerArn);
    const others = listeners
      .filter((listener) => listener.loadBalancer === loadBalancer)
      .flatMap(({ arn, rules }) =>
        rules.filter((rule) => !isReplaced(arn, rule, query)).flatMap((rule) => groupsOf(rule.actions)),
      );
    if (new Set([...others, ...groups]).size > MOST_GROUPS_OF_LOAD_BALANCER) {
      throw new AwsFault(
        'TooManyUniqueTargetGroupsPerLoadBalancer',
        "You've reached the limit on the number of unique target groups per load balancer across all listeners",
      );
    }
    if (changed && this.late.lateMs > 0) await this.#keep(changed.arn);
    return undefined;
  }

  /** What readers are shown of a listener and its rules until the write is seen everywhere. */
  async #keep(listener: string): Promise<void> {
    const [listeners, rules] = await Promise.all([
      this.#moto.ask('elasticloadbalancing', 'DescribeListeners', { 'ListenerArns.member.1': listener }),
      this.#moto.ask('elasticloadbalancing', 'DescribeRules', { ListenerArn: listener }),
    ]);
    for (const each of listOf(listeners.Listeners)) this.late.keep(textOf(each.ListenerArn), each);
    for (const each of listOf(rules.Rules)) this.late.keep(textOf(each.RuleArn), each);
  }

  async #sticky(groups: readonly string[]): Promise<Set<string>> {
    const attributes = await Promise.all(groups.map((group) => readGroupAttributes(this.#moto, group)));
    return new Set(groups.filter((_, index) => attributes[index]?.['stickiness.enabled'] === 'true'));
  }
}

/** Whether a write puts other actions in the place of a rule's. */
function isReplaced(
  listener: string,
  { arn, priority }: { arn: string; priority: number | undefined },
  query: QueryFields,
): boolean {
  if (arn === textOf(query.RuleArn)) return true;
  return priority === undefined && listener === textOf(query.ListenerArn) && Array.isArray(query.DefaultActions);
}

function describeTarget({ id, port, state, reason, description }: TargetView): QueryFields {
  return {
    Target: { Id: id, Port: String(port) },
    HealthCheckPort: String(port),
    TargetHealth: {
      State: state,
      ...(reason === undefined ? {} : { Reason: reason }),
      ...(description === undefined ? {} : { Description: description }),
    },
  };
}
