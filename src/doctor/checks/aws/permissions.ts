import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { DoctorCheck, Finding } from '../../check.ts';

/** Without these no revision gets traffic, or goes away again. What a blueprint makes needs more: its own page says what. */
const ACTIONS = [
  'elasticloadbalancing:CreateTargetGroup',
  'elasticloadbalancing:DeleteTargetGroup',
  'elasticloadbalancing:DescribeRules',
  'elasticloadbalancing:DescribeTargetHealth',
  'elasticloadbalancing:ModifyRule',
];

/** What the policies of whoever AWS takes this machine for allow, by AWS's own simulation; nothing is tried. */
export const awsPermissions: Pick<DoctorCheck, 'run'> = {
  async run() {
    const [sts, iam] = [new STSClient({}), new IAMClient({})];
    try {
      const { Arn: arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
      const asked = { PolicySourceArn: findPrincipal(arn), ActionNames: ACTIONS };
      const { EvaluationResults: results = [] } = await iam.send(new SimulatePrincipalPolicyCommand(asked));
      return [judgeActions(results.map((each) => [each.EvalActionName ?? '', each.EvalDecision ?? '']))];
    } catch (error) {
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      const todo = 'allow iam:SimulatePrincipalPolicy to whoever asks, or compare its policies with the documents';
      return [{ state: 'unsure', text: `cannot be simulated: ${text}`, todo }];
    } finally {
      sts.destroy();
      iam.destroy();
    }
  },
};

export function judgeActions(decisions: readonly (readonly [action: string, decision: string])[]): Finding {
  const denied = decisions.filter(([, decision]) => decision !== 'allowed').map(([action]) => action);
  if (denied.length === 0) return { state: 'good', text: `the policies allow what a rollout needs of load balancing` };
  return {
    state: 'bad',
    text: `the policies do not allow ${denied.join(', ')}`,
    todo: 'add them to the role of the worker',
  };
}

/** The role of a session: policies are a role's, and a session is none that could be simulated. */
export function findPrincipal(arn: string): string {
  const [, partition, account, role] = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn) ?? [];
  return role === undefined ? arn : `arn:${partition ?? 'aws'}:iam::${account ?? ''}:role/${role}`;
}
