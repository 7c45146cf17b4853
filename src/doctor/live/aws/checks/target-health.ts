import {
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { judge } from '../../finding.ts';
import type { LiveCheck } from '../live-check.ts';
import { pollFact } from '../poll.ts';
import { forwardTo, type LiveStage, type StageGroup } from '../stage.ts';

/** How long AWS may take to make a load balancer. */
const ACTIVE_MS = 600_000;
/** Two looks that fail, five seconds apart, and as many for AWS to begin with them. */
const LOOKED_AT_MS = 120_000;

/** Health is looked at where a rule forwards to the group, with whatever weight, and nowhere else. */
export const targetHealth: LiveCheck = {
  name: 'health of targets',
  async run(stage) {
    const [beside, within, other] = [await stage.addGroup(), await stage.addGroup(), await stage.addGroup()];
    // Nobody answers there: what is looked at becomes unhealthy.
    await register(stage, beside);
    await register(stage, within);
    await stage.addRule(
      within.stack,
      forwardTo([
        [other, 1],
        [within, 0],
      ]),
    );
    const { signal } = stage.parts;
    const activeMs = await pollFact(ACTIVE_MS, signal, async () => (await readState(stage)) === 'active');
    let state = '';
    const lookedMs = await pollFact(LOOKED_AT_MS, signal, async () => {
      state = await readHealth(stage, within);
      return state.startsWith('unhealthy');
    });
    const idle = await readHealth(stage, beside);
    return [
      judge({
        holds: activeMs !== undefined,
        expected: `AWS makes a load balancer within ${ACTIVE_MS / 60_000} minutes`,
        found:
          activeMs === undefined ? `it is ${await readState(stage)}` : `it is active, ${activeMs} ms after the rest`,
        so: 'an environment can be made',
        otherwise: 'what follows about health may be wrong: look again',
        worst: 'unsure',
      }),
      judge({
        holds: idle.startsWith('unused'),
        expected: 'a target of a group in no rule is unused',
        found: idle,
        so: 'that a group comes in at weight 0 first is what makes its health known',
        otherwise: 'nothing is lost: the router waits for health in a rule',
        worst: 'unsure',
      }),
      judge({
        holds: lookedMs !== undefined,
        expected: 'a target that nobody answers at is found to be unhealthy, though its group has weight 0',
        found: lookedMs === undefined ? `it is ${state}` : `${state} after ${lookedMs} ms`,
        so: 'a revision gets traffic only once AWS has found it healthy',
        otherwise: 'a new revision would wait in vain to become healthy: do not use the router aws-alb here',
      }),
    ];
  },
};

async function register({ parts: { clients, network, signal } }: LiveStage, { arn }: StageGroup): Promise<void> {
  signal.throwIfAborted();
  const Targets = [{ Id: network.spareAddress, Port: 80 }];
  await clients.elb.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets }));
}

async function readState({ balancer, parts }: LiveStage): Promise<string> {
  const asked = new DescribeLoadBalancersCommand({ LoadBalancerArns: [balancer] });
  const { LoadBalancers } = await parts.clients.elb.send(asked);
  return LoadBalancers?.[0]?.State?.Code ?? 'in no state';
}

/** `unused (Target.NotInUse)` */
async function readHealth({ parts }: LiveStage, { arn }: StageGroup): Promise<string> {
  const found = await parts.clients.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
  const { State = '', Reason } = found.TargetHealthDescriptions?.[0]?.TargetHealth ?? {};
  return Reason === undefined ? State : `${State} (${Reason})`;
}
