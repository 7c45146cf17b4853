import type { MotoClient } from './moto-client.ts';
import { type QueryFields, fieldsOf, listOf, textOf } from './query-protocol.ts';
import { forwardedGroups } from './rule-limits.ts';

export interface RuleView {
  arn: string;
  /** Undefined for the listener's default. */
  priority: number | undefined;
  conditions: QueryFields[];
  actions: QueryFields[];
}

export interface ListenerView {
  arn: string;
  loadBalancer: string;
  protocol: string;
  port: number;
  /** By priority, the default at the end. */
  rules: RuleView[];
}

/** What moto has of load balancers and groups: it is read once after each write. */
export class Topology {
  readonly #moto: MotoClient;
  readonly #groups = new Map<string, Promise<QueryFields>>();
  #read: Promise<ListenerView[]> | undefined;

  constructor(moto: MotoClient) {
    this.#moto = moto;
  }

  invalidate(): void {
    this.#read = undefined;
    this.#groups.clear();
  }

  /** A group as `DescribeTargetGroups` shows it; without fields where there is none. */
  group(arn: string): Promise<QueryFields> {
    const read = this.#groups.get(arn) ?? readGroup(this.#moto, arn);
    this.#groups.set(arn, read);
    // What failed is no answer to whoever asks next.
    read.catch(() => this.#groups.delete(arn));
    return read;
  }

  listeners(): Promise<ListenerView[]> {
    return (this.#read ??= this.#readAll());
  }

  /** Groups that some rule refers to, with whatever weight. */
  async groupsInUse(): Promise<Set<string>> {
    const listeners = await this.listeners();
    return new Set(listeners.flatMap(({ rules }) => rules.flatMap(({ actions }) => groupsOf(actions))));
  }

  async #readAll(): Promise<ListenerView[]> {
    const { LoadBalancers } = await this.#moto.ask('elasticloadbalancing', 'DescribeLoadBalancers');
    const arns = listOf(LoadBalancers).map(({ LoadBalancerArn }) => textOf(LoadBalancerArn));
    const all = await Promise.all(arns.map((arn) => this.#readListeners(arn)));
    return all.flat();
  }

  async #readListeners(loadBalancer: string): Promise<ListenerView[]> {
    const parameters = { LoadBalancerArn: loadBalancer };
    const { Listeners } = await this.#moto.ask('elasticloadbalancing', 'DescribeListeners', parameters);
    return Promise.all(
      listOf(Listeners).map(async ({ ListenerArn, Protocol, Port }) => ({
        arn: textOf(ListenerArn),
        loadBalancer,
        protocol: textOf(Protocol),
        port: Number(textOf(Port)),
        rules: await this.#readRules(textOf(ListenerArn)),
      })),
    );
  }

  async #readRules(listener: string): Promise<RuleView[]> {
    const { Rules } = await this.#moto.ask('elasticloadbalancing', 'DescribeRules', { ListenerArn: listener });
    const rules = listOf(Rules).map((rule) => ({
      arn: textOf(rule.RuleArn),
      priority: textOf(rule.Priority) === 'default' ? undefined : Number(textOf(rule.Priority)),
      conditions: listOf(rule.Conditions),
      actions: listOf(rule.Actions),
    }));
    return rules.toSorted((one, other) => (one.priority ?? Infinity) - (other.priority ?? Infinity));
  }
}

export function groupsOf(actions: readonly QueryFields[]): string[] {
  return forwardedGroups(actions).map(({ arn }) => arn);
}

/** What a group's attributes say: `deregistration_delay.timeout_seconds` and the like. */
export async function readGroupAttributes(moto: MotoClient, group: string): Promise<Record<string, string>> {
  const parameters = { TargetGroupArn: group };
  const { Attributes } = await moto.ask('elasticloadbalancing', 'DescribeTargetGroupAttributes', parameters);
  return Object.fromEntries(listOf(Attributes).map(({ Key, Value }) => [textOf(Key), textOf(Value)]));
}

export async function readGroup(moto: MotoClient, group: string): Promise<QueryFields> {
  const { TargetGroups } = await moto.ask('elasticloadbalancing', 'DescribeTargetGroups', {
    'TargetGroupArns.member.1': group,
  });
  return fieldsOf(listOf(TargetGroups)[0]);
}
