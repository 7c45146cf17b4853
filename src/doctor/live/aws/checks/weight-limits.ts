import { type Action, ModifyRuleCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { toRouterError } from '../../../../routing/aws-alb/errors.ts';
import { ALB_LIMITS } from '../../../../routing/aws-alb/limits.ts';
import { InvalidRouteError } from '../../../../routing/router.ts';
import { type LiveFinding, judge, tryCall } from '../../finding.ts';
import type { LiveCheck } from '../live-check.ts';
import { forwardTo, type LiveStage, type StageGroup } from '../stage.ts';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html */
const HIGHEST_WEIGHT = 999;

/** What a rule takes, and in which words it refuses the rest: such a refusal must not be tried again for ever. */
export const weightLimits: LiveCheck = {
  name: 'limits of a rule',
  async run(stage) {
    const groups: StageGroup[] = [];
    for (let count = 0; count <= ALB_LIMITS.groupsInAction; count += 1) groups.push(await stage.addGroup());
    const [first, second] = groups as [StageGroup, StageGroup];
    const rule = await stage.addRule(first.stack);
    const write = (action: Action) => modify(stage, rule.arn, action);
    const most = groups.slice(0, ALB_LIMITS.groupsInAction);
    const findings = [
      await judgeTaken(
        `weights of 0 and ${HIGHEST_WEIGHT} are taken`,
        write(
          forwardTo([
            [first, HIGHEST_WEIGHT],
            [second, 0],
          ]),
        ),
      ),
      await judgeTaken(
        `${most.length} target groups are taken in one rule`,
        write(forwardTo(most.map((each) => [each, 20] as const))),
      ),
    ];
    const refused: [string, Action][] = [
      [
        `a weight of ${HIGHEST_WEIGHT + 1}`,
        forwardTo([
          [first, HIGHEST_WEIGHT + 1],
          [second, 0],
        ]),
      ],
      [
        'a weight of -1',
        forwardTo([
          [first, 1],
          [second, -1],
        ]),
      ],
      [`a rule with ${groups.length} target groups`, forwardTo(groups.map((each) => [each, 10] as const))],
    ];
    for (const [what, action] of refused) findings.push(await judgeRefused(what, write(action)));
    return findings;
  },
};

async function modify({ parts }: LiveStage, arn: string, action: Action): Promise<void> {
  parts.signal.throwIfAborted();
  await parts.clients.elb.send(new ModifyRuleCommand({ RuleArn: arn, Actions: [action] }));
}

async function judgeTaken(expected: string, call: Promise<void>): Promise<LiveFinding> {
  const { error, words } = await tryCall(call);
  return judge({
    holds: error === undefined,
    expected,
    found: words,
    so: 'every split that a strategy can name is possible, with as many revisions as documented',
    otherwise: 'do not use the router aws-alb here',
  });
}

async function judgeRefused(what: string, call: Promise<void>): Promise<LiveFinding> {
  const { error, words } = await tryCall(call);
  return judge({
    holds: error !== undefined && toRouterError(error, 'modify the rule') instanceof InvalidRouteError,
    expected: `${what} is refused, for good`,
    found: words,
    so: 'a route that AWS cannot do fails at once, with its reason',
    otherwise:
      error === undefined
        ? 'nothing: Supplant writes no such route'
        : 'a rollout that met this would try on until it is aborted',
    worst: 'unsure',
  });
}
