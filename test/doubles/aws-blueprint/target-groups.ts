import {
  CreateTargetGroupCommand,
  DeleteTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
  TargetGroupNotFoundException,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Endpoint } from '../../../src/domain/service/revision.ts';

/** The target groups of stacks, named as they are. */
export class TargetGroups {
  readonly #client = new ElasticLoadBalancingV2Client({ region: process.env.AWS_REGION ?? 'us-east-1' });

  /** Makes the group where there is none, and says which one it is. */
  async register(name: string, endpoints: readonly Endpoint[]): Promise<Endpoint[]> {
    const arn = (await this.#find(name)) ?? (await this.#create(name));
    const Targets = endpoints.map(({ host, port }) => ({ Id: host, Port: port }));
    await this.#client.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets }));
    return endpoints.map((endpoint) => ({ ...endpoint, attributes: { targetGroupArn: arn } }));
  }

  /** Fails while a rule refers to it. */
  async remove(name: string): Promise<void> {
    const arn = await this.#find(name);
    if (arn !== undefined) await this.#client.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn }));
  }

  async #create(name: string): Promise<string> {
    const made = await this.#client.send(
      new CreateTargetGroupCommand({
        Name: name,
        Protocol: 'HTTP',
        Port: 80,
        VpcId: process.env.TEST_VPC,
        TargetType: 'ip',
        HealthCheckPath: '/',
        HealthCheckIntervalSeconds: 5,
        HealthyThresholdCount: 2,
      }),
    );
    return made.TargetGroups?.[0]?.TargetGroupArn ?? '';
  }

  async #find(name: string): Promise<string | undefined> {
    try {
      const { TargetGroups: found } = await this.#client.send(new DescribeTargetGroupsCommand({ Names: [name] }));
      return found?.[0]?.TargetGroupArn;
    } catch (error) {
      if (error instanceof TargetGroupNotFoundException) return undefined;
      throw error;
    }
  }
}
