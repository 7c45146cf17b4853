import {
  type Action,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { findFreePort } from '../../../src/dev/ports.ts';
import { waitUntil } from '../../../src/host/polling.ts';
import type { Endpoint } from '../../../src/domain/service/revision.ts';
import type { Aws } from './aws.ts';
import { listOf, textOf } from './query-protocol.ts';

/** What nothing has been told of. */
export const NOBODY: Action = {
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '503', ContentType: 'text/plain', MessageBody: 'no revision takes traffic' },
};

export interface TestListener {
  arn: string;
  address: Endpoint;
}

export interface TestGroupOptions {
  targets?: readonly Endpoint[];
  attributes?: Readonly<Record<string, string>>;
  more?: Partial<CreateTargetGroupCommandInput>;
}

/** An application load balancer in the stand-in's default network, made with the SDK as a program would. */
export class TestLoadBalancer {
  readonly client: ElasticLoadBalancingV2Client;
  readonly arn: string;
  readonly #aws: Aws;

  private constructor(aws: Aws, client: ElasticLoadBalancingV2Client, arn: string) {
    this.#aws = aws;
    this.client = client;
    this.arn = arn;
  }

  static async create(aws: Aws, name = 'shared'): Promise<TestLoadBalancer> {
    const client = new ElasticLoadBalancingV2Client({ ...aws.client, maxAttempts: 1 });
    const made = await client.send(new CreateLoadBalancerCommand({ Name: name, Subnets: await listSubnets(aws) }));
    return new TestLoadBalancer(aws, client, made.LoadBalancers?.[0]?.LoadBalancerArn ?? '');
  }

  /** On a free port of the load balancer's own address. */
  async addListener(action: Action = NOBODY): Promise<TestListener> {
    const host = this.#aws.front.loadBalancing.hostOf(this.arn);
    const port = await findFreePort(0, [], host);
    const made = await this.client.send(
      new CreateListenerCommand({ LoadBalancerArn: this.arn, Protocol: 'HTTP', Port: port, DefaultActions: [action] }),
    );
    await this.#aws.plane.followed();
    return { arn: made.Listeners?.[0]?.ListenerArn ?? '', address: { host, port } };
  }

  async addRule(listener: TestListener, priority: number, host: string, action: Action = NOBODY): Promise<string> {
    const made = await this.client.send(
      new CreateRuleCommand({
        ListenerArn: listener.arn,
        Priority: priority,
        Conditions: [{ Field: 'host-header', Values: [host] }],
        Actions: [action],
      }),
    );
    return made.Rules?.[0]?.RuleArn ?? '';
  }

  /** A group whose targets are healthy after one look and unhealthy after two, unless told. */
  async addGroup(name: string, { targets = [], attributes = {}, more = {} }: TestGroupOptions = {}): Promise<string> {
    const made = await this.client.send(
      new CreateTargetGroupCommand({
        Name: name,
        Protocol: 'HTTP',
        Port: 80,
        VpcId: await this.readVpc(),
        TargetType: 'ip',
        HealthCheckPath: '/',
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
        HealthyThresholdCount: 2,
        UnhealthyThresholdCount: 2,
        ...more,
      }),
    );
    const arn = made.TargetGroups?.[0]?.TargetGroupArn ?? '';
    const list = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
    if (list.length > 0) {
      await this.client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes: list }));
    }
    if (targets.length > 0) await this.register(arn, targets);
    return arn;
  }

  async register(group: string, targets: readonly Endpoint[]): Promise<void> {
    const Targets = targets.map(({ host, port }) => ({ Id: host, Port: port }));
    await this.client.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets }));
  }

  async deregister(group: string, targets: readonly Endpoint[]): Promise<void> {
    const Targets = targets.map(({ host, port }) => ({ Id: host, Port: port }));
    await this.client.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets }));
  }

  /** The states of a group's targets, in the order of their registration. */
  async states(group: string): Promise<string[]> {
    const found = await this.client.send(new DescribeTargetHealthCommand({ TargetGroupArn: group }));
    return (found.TargetHealthDescriptions ?? []).map(({ TargetHealth }) => TargetHealth?.State ?? '');
  }

  async untilStates(group: string, ...wanted: string[]): Promise<void> {
    let states: string[] = [];
    const reached = await waitUntil(30_000, async () => {
      states = await this.states(group);
      return states.join() === wanted.join();
    });
    if (!reached) throw new Error(`${group} has targets ${states.join()}, not ${wanted.join()}`);
  }

  /** The network that it is in. */
  async readVpc(): Promise<string> {
    const { vpcSet } = await this.#aws.front.moto.ask('ec2', 'DescribeVpcs');
    return textOf(listOf(vpcSet)[0]?.vpcId);
  }

  close(): void {
    this.client.destroy();
  }
}

async function listSubnets({ front }: Aws): Promise<string[]> {
  const { subnetSet } = await front.moto.ask('ec2', 'DescribeSubnets');
  return listOf(subnetSet).map(({ subnetId }) => textOf(subnetId));
}
