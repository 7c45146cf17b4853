import type * as sdkModule from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Action, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Endpoint } from '../../domain/service/revision.ts';
import { CLIENT_LIMITS } from './limits.ts';
import { toRouterError } from './errors.ts';

type Sdk = typeof sdkModule;

/** A rule as AWS shows it. */
export interface RuleState {
  actions: Action[];
  tags: Record<string, string>;
}

/**
 * The calls to AWS about one listener rule, or the default action of one listener. Rules are modified in place: one that
 * is deleted and made again leaves requests to the rules behind it meanwhile.
 */
export class RulePlace {
  readonly arn: string;
  readonly #sdk: Sdk;
  readonly #client: ElasticLoadBalancingV2Client;

  constructor(sdk: Sdk, client: ElasticLoadBalancingV2Client, arn: string) {
    this.#sdk = sdk;
    this.#client = client;
    this.arn = arn;
  }

  /** `arn:…:listener-rule/app/…` is a rule, `arn:…:listener/app/…` a listener. */
  get #isRule(): boolean {
    return this.arn.includes(':listener-rule/');
  }

  /** The rule's listener: `…:listener-rule/app/shared/50dc…/f2f7…/9683…` is of `…:listener/app/shared/50dc…/f2f7…`. */
  get #listener(): string {
    if (!this.#isRule) return this.arn;
    return this.arn.replace(':listener-rule/', ':listener/').split('/').slice(0, -1).join('/');
  }

  get #loadBalancer(): string {
    return this.#listener.replace(':listener/', ':loadbalancer/').split('/').slice(0, -1).join('/');
  }

  async read(): Promise<RuleState> {
    const [actions, tags] = await Promise.all([this.#readActions(), this.#readTags()]);
    return { actions, tags };
  }

  async #readActions(): Promise<Action[]> {
    return this.#call(`read ${this.arn}`, async () => {
      if (this.#isRule) {
        const { Rules } = await this.#client.send(new this.#sdk.DescribeRulesCommand({ RuleArns: [this.arn] }));
        return Rules?.[0]?.Actions ?? [];
      }
      const { Listeners } = await this.#client.send(
        new this.#sdk.DescribeListenersCommand({ ListenerArns: [this.arn] }),
      );
      return Listeners?.[0]?.DefaultActions ?? [];
    });
  }

  async #readTags(): Promise<Record<string, string>> {
    const { TagDescriptions } = await this.#call(`read the tags of ${this.arn}`, () =>
      this.#client.send(new this.#sdk.DescribeTagsCommand({ ResourceArns: [this.arn] })),
    );
    const tags = TagDescriptions?.[0]?.Tags ?? [];
    return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
  }

  async writeActions(actions: readonly Action[]): Promise<void> {
    await this.#call(`modify ${this.arn}`, async () => {
      if (this.#isRule) {
        return this.#client.send(new this.#sdk.ModifyRuleCommand({ RuleArn: this.arn, Actions: [...actions] }));
      }
      return this.#client.send(
        new this.#sdk.ModifyListenerCommand({ ListenerArn: this.arn, DefaultActions: [...actions] }),
      );
    });
  }

  async writeTags(tags: Readonly<Record<string, string>>, left: readonly string[] = []): Promise<void> {
    const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await this.#call(`tag ${this.arn}`, async () => {
      await this.#client.send(new this.#sdk.AddTagsCommand({ ResourceArns: [this.arn], Tags: list }));
      if (left.length === 0) return;
      await this.#client.send(new this.#sdk.RemoveTagsCommand({ ResourceArns: [this.arn], TagKeys: [...left] }));
    });
  }

  /** Where clients connect. */
  async readAddress(): Promise<Endpoint> {
    return this.#call(`describe ${this.#listener}`, async () => {
      const [listeners, balancers] = await Promise.all([
        this.#client.send(new this.#sdk.DescribeListenersCommand({ ListenerArns: [this.#listener] })),
        this.#client.send(new this.#sdk.DescribeLoadBalancersCommand({ LoadBalancerArns: [this.#loadBalancer] })),
      ]);
      return {
        host: balancers.LoadBalancers?.[0]?.DNSName ?? '',
        port: listeners.Listeners?.[0]?.Port ?? 0,
      };
    });
  }

  /** The states of a group's targets, with what is wrong with those that are not healthy. */
  async readHealth(group: string): Promise<{ state: string; words: string }[]> {
    const { TargetHealthDescriptions } = await this.#call(`ask for the health of ${group}`, () =>
      this.#client.send(new this.#sdk.DescribeTargetHealthCommand({ TargetGroupArn: group })),
    );
    return (TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => {
      const { State = 'unknown', Description, Reason } = TargetHealth ?? {};
      const why = Description ?? Reason;
      return {
        state: State,
        words: `${Target?.Id}:${Target?.Port} is ${State}${why === undefined ? '' : ` (${why})`}`,
      };
    });
  }

  async readGroupAttributes(group: string): Promise<Record<string, string>> {
    const { Attributes } = await this.#call(`read the attributes of ${group}`, () =>
      this.#client.send(new this.#sdk.DescribeTargetGroupAttributesCommand({ TargetGroupArn: group })),
    );
    return Object.fromEntries((Attributes ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  }

  /** Every target group that the load balancer's listeners forward to, over all services. */
  async listGroupsOfLoadBalancer(): Promise<Set<string>> {
    return this.#call(`list the rules of ${this.#loadBalancer}`, async () => {
      const pages = this.#sdk.paginateDescribeListeners(
        { client: this.#client },
        { LoadBalancerArn: this.#loadBalancer },
      );
      const groups = new Set<string>();
      for await (const { Listeners } of pages) {
        for (const { ListenerArn } of Listeners ?? []) await this.#addGroups(ListenerArn, groups);
      }
      return groups;
    });
  }

  async #addGroups(listener: string | undefined, groups: Set<string>): Promise<void> {
    if (listener === undefined) return;
    for await (const { Rules } of this.#sdk.paginateDescribeRules(
      { client: this.#client },
      { ListenerArn: listener },
    )) {
      for (const { TargetGroupArn, ForwardConfig } of (Rules ?? []).flatMap(({ Actions }) => Actions ?? [])) {
        const named = ForwardConfig?.TargetGroups?.map((each) => each.TargetGroupArn) ?? [];
        for (const group of [TargetGroupArn, ...named]) if (group !== undefined) groups.add(group);
      }
    }
  }

  async #call<T>(doing: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw toRouterError(error, doing);
    }
  }
}

/** A client of the region that an ARN is in, by the standard chain: environment, profiles, the machine's role. */
export function createClient(sdk: Sdk, region: string): ElasticLoadBalancingV2Client {
  return new sdk.ElasticLoadBalancingV2Client({
    region,
    maxAttempts: CLIENT_LIMITS.attempts,
    // Slows all calls down where AWS throttles some, instead of each for itself.
    retryMode: 'adaptive',
    requestHandler: {
      connectionTimeout: CLIENT_LIMITS.connectMs,
      requestTimeout: CLIENT_LIMITS.answerMs,
      throwOnRequestTimeout: true,
    },
  });
}
