import {
  DescribeAccountLimitsCommand,
  ElasticLoadBalancingV2Client,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { DoctorCheck, Finding } from '../../check.ts';

/** A rollout needs one for the new revision beside those that are live and warm. */
const SPARE = 2;

/** Target groups: each revision has one, and a region and account have room for so many. */
export const albLimits: Pick<DoctorCheck, 'run'> = {
  async run() {
    const client = new ElasticLoadBalancingV2Client({});
    try {
      const { Limits: limits = [] } = await client.send(new DescribeAccountLimitsCommand({}));
      const most = Number(limits.find(({ Name: name }) => name === 'target-groups')?.Max ?? Number.NaN);
      let used = 0;
      for await (const { TargetGroups: page = [] } of paginateDescribeTargetGroups({ client }, {})) used += page.length;
      return [judgeRoom(used, most)];
    } finally {
      client.destroy();
    }
  },
};

export function judgeRoom(used: number, most: number): Finding {
  if (Number.isNaN(most))
    return { state: 'unsure', text: `${used} target groups; AWS does not say how many there may be` };
  const text = `${used} of ${most} target groups of this region are in use`;
  if (most - used >= SPARE) return { state: 'good', text };
  const todo = 'remove some, or ask for more: Service Quotas, Elastic Load Balancing, Target Groups per Region';
  return { state: 'bad', text: `${text}, and each revision needs one of its own`, todo };
}
