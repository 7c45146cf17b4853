import { randomBytes } from 'node:crypto';
import {
  type Action,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DescribeRulesCommand,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AwsClients } from '../../../../blueprints/aws/clients.ts';
import type { CloudKind } from '../../../../blueprints/aws/kind.ts';
import { targetGroups } from '../../../../blueprints/aws/kinds/target-group.ts';
import { buildTags, formatAwsName, TEST_HEADER } from '../../../../blueprints/aws/names.ts';
import { loadBalancers } from '../../../../blueprints/aws-environment/kinds/balancing.ts';
import { formatStackName } from '../../../domain/service/revision.ts';
import type { ServiceKey } from '../../../domain/service/service.ts';
import type { Blueprint, StackId } from '../../../stacks/blueprint.ts';
import type { Ledger } from '../ledger.ts';
import type { AwsIdentity, AwsNetwork } from './account.ts';

/** What the doctor's things are called: services and environments of people have other names. */
const SERVICE = 'live';
const ENVIRONMENT = 'doctor';

/** What nobody has the traffic of; as the environment's blueprint makes rules. */
export const NOBODY: Action = {
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '503', ContentType: 'text/plain', MessageBody: 'no revision takes traffic' },
};

export interface StageParts {
  clients: AwsClients;
  identity: AwsIdentity;
  network: AwsNetwork;
  ledger: Ledger;
  /** What of a blueprint on AWS is tried: how it reads AWS's refusals, and how it finds what it has made. */
  blueprint: Pick<Blueprint, 'isLostAnswer' | 'isHeldBack' | 'inventory'>;
  /** Aborted when the look is to end; what was made goes all the same. */
  signal: AbortSignal;
}

export interface StageGroup {
  arn: string;
  name: string;
  /** As whose it is tagged and named. */
  stack: StackId;
  revision: number;
}

/**
 * A load balancer with a listener, for looks to make target groups and rules at: named and tagged as a service's would be,
 * and noted in the ledger before it is made. Nothing is made once the signal is aborted.
 */
export class LiveStage {
  readonly service: ServiceKey = { name: SERVICE, environment: `${ENVIRONMENT}-${randomBytes(3).toString('hex')}` };
  readonly parts: StageParts;
  balancer = '';
  listener = '';
  #revisions = 0;
  #priorities = 0;

  constructor(parts: StageParts) {
    this.parts = parts;
  }

  /** How the names of everything begin. */
  get prefix(): string {
    return `${this.service.name}-${this.service.environment}`;
  }

  stackOf(revision: number): StackId {
    return { project: this.service.environment, stack: formatStackName(this.service, revision) };
  }

  /** Inside the network only, so that nobody else reaches it. */
  async createLoadBalancer(): Promise<void> {
    const { clients, network } = this.parts;
    const stack = this.stackOf(0);
    const Name = formatAwsName(stack);
    this.#note(stack, loadBalancers, `load balancer ${Name}`, (arn) => [
      `delete-load-balancer --load-balancer-arn ${arn}`,
      `describe-load-balancers --names ${Name} --query LoadBalancers[0].LoadBalancerArn`,
    ]);
    const made = await clients.elb.send(
      new CreateLoadBalancerCommand({
        Name,
        Scheme: 'internal',
        Type: 'application',
        Subnets: [...network.subnets],
        Tags: toTagList(stack),
      }),
    );
    this.balancer = made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
    this.parts.signal.throwIfAborted();
    // It goes with its load balancer, and so do its rules.
    const listening = await clients.elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: this.balancer,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: [NOBODY],
        Tags: toTagList(stack),
      }),
    );
    this.listener = listening.Listeners?.[0]?.ListenerArn ?? '';
  }

  /** A target group without targets. */
  async addGroup(): Promise<StageGroup> {
    this.parts.signal.throwIfAborted();
    this.#revisions += 1;
    const revision = this.#revisions;
    const stack = this.stackOf(revision);
    const name = formatAwsName(stack);
    this.#note(stack, targetGroups, `target group ${name}`, (arn) => [
      `delete-target-group --target-group-arn ${arn}`,
      `describe-target-groups --names ${name} --query TargetGroups[0].TargetGroupArn`,
    ]);
    const made = await this.parts.clients.elb.send(new CreateTargetGroupCommand(this.describeGroup(stack)));
    return { arn: made.TargetGroups?.[0]?.TargetGroupArn ?? '', name, stack, revision };
  }

  describeGroup(stack: StackId): CreateTargetGroupCommandInput {
    return {
      Name: formatAwsName(stack),
      TargetType: 'ip',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: this.parts.network.vpc,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
      Tags: toTagList(stack),
    };
  }

  /** A rule for requests with the header that a revision is reached by, as blueprints make one. */
  async addRule(stack: StackId, action: Action = NOBODY): Promise<{ arn: string; priority: number }> {
    this.parts.signal.throwIfAborted();
    this.#priorities += 1;
    const Priority = this.#priorities;
    const made = await this.parts.clients.elb.send(
      new CreateRuleCommand({ ...this.describeRule(stack, action), Priority }),
    );
    return { arn: made.Rules?.[0]?.RuleArn ?? '', priority: Priority };
  }

  describeRule(stack: StackId, action: Action) {
    const HttpHeaderConfig = { HttpHeaderName: TEST_HEADER, Values: [formatAwsName(stack)] };
    return {
      ListenerArn: this.listener,
      Conditions: [{ Field: 'http-header', HttpHeaderConfig }],
      Actions: [action],
      Tags: toTagList(stack),
    };
  }

  async readRule(arn: string): Promise<Rule> {
    const { Rules } = await this.parts.clients.elb.send(new DescribeRulesCommand({ RuleArns: [arn] }));
    return Rules?.[0] ?? {};
  }

  #note(stack: StackId, kind: CloudKind, label: string, commands: (arn: string) => [string, string]): void {
    const { clients, identity, ledger } = this.parts;
    const aws = `aws elbv2 --region ${identity.region}`;
    const [, look] = commands('');
    const [removal] = commands(`$(${aws} ${look} --output text)`);
    ledger.note({
      label,
      async remove() {
        for (const found of await kind.find(stack, clients)) await kind.remove(found, clients);
      },
      isGone: async () => (await kind.find(stack, clients)).length === 0,
      command: `${aws} ${removal}`,
    });
  }
}

/** The action that forwards to these groups by these weights. */
export function forwardTo(weights: readonly (readonly [group: { arn: string }, weight: number])[]): Action {
  const TargetGroups = weights.map(([{ arn }, Weight]) => ({ TargetGroupArn: arn, Weight }));
  return { Type: 'forward', ForwardConfig: { TargetGroups } };
}

function toTagList(stack: StackId): { Key: string; Value: string }[] {
  return Object.entries(buildTags(stack)).map(([Key, Value]) => ({ Key, Value }));
}
