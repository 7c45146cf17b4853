import { ModifyRuleCommand, type Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Route } from '../../../../domain/traffic/route.ts';
import { openAlbFactory } from '../../../../routing/aws-alb/factory.ts';
import type { Router } from '../../../../routing/router.ts';
import { type LiveFinding, judge } from '../../finding.ts';
import type { LiveCheck } from '../live-check.ts';
import { forwardTo, type LiveStage, type StageGroup } from '../stage.ts';

/** Of the two revisions, as a rollout goes through them. */
const SPLITS = [
  [100, 0],
  [90, 10],
  [0, 100],
] as const;

const GONE = 'the service is gone';

interface Tried {
  stage: LiveStage;
  router: Router;
  rule: { arn: string; priority: number };
  groups: [StageGroup, StageGroup];
}

/** The router `aws-alb` itself, at a rule of its own: what it writes, it reads back; what others write, it sees. */
export const weights: LiveCheck = {
  name: 'weights',
  async run(stage) {
    const groups: [StageGroup, StageGroup] = [await stage.addGroup(), await stage.addGroup()];
    const rule = await stage.addRule(groups[0].stack);
    const factory = await openAlbFactory();
    try {
      const tried = { stage, rule, groups, router: factory.create({ kind: 'aws-alb', rule: rule.arn }) };
      const found = [await shift(tried)];
      stage.parts.signal.throwIfAborted();
      found.push(await changeByHand(tried));
      stage.parts.signal.throwIfAborted();
      return [...found, await close(tried)];
    } finally {
      await factory.close();
    }
  },
};

async function shift(tried: Tried): Promise<LiveFinding> {
  const { stage, router, rule } = tried;
  const [seen, times]: [string[], number[]] = [[], []];
  let isSame = true;
  for (const [index, split] of SPLITS.entries()) {
    const began = performance.now();
    await router.apply(routeOf(tried, index + 1, split));
    times.push(Math.round(performance.now() - began));
    const now = await stage.readRule(rule.arn);
    isSame &&= now.RuleArn === rule.arn && Number(now.Priority) === rule.priority;
    seen.push(splitOf(now, tried));
  }
  const wanted = SPLITS.map((split) => split.join(':'));
  return judge({
    holds: isSame && seen.join() === wanted.join(),
    expected: `the weights ${wanted.join(', ')} are written in place, and read back`,
    found: `${seen.join(', ')} in ${isSame ? 'the same rule' : 'another rule'}, after at most ${Math.max(...times)} ms`,
    so: 'the router aws-alb shifts traffic here as it is documented',
    otherwise: 'do not use the router aws-alb here',
  });
}

async function changeByHand(tried: Tried): Promise<LiveFinding> {
  const { stage, router, rule, groups } = tried;
  const action = forwardTo([
    [groups[0], 50],
    [groups[1], 50],
  ]);
  await stage.parts.clients.elb.send(new ModifyRuleCommand({ RuleArn: rule.arn, Actions: [action] }));
  const { changedByOthers } = (await router.observe(stage.service)) ?? {};
  await router.apply(routeOf(tried, SPLITS.length + 1, [0, 100]), 'r1=50 r2=50');
  const after = splitOf(await stage.readRule(rule.arn), tried);
  return judge({
    holds: changedByOthers !== undefined && after === '0:100',
    expected: 'weights that somebody else has written are seen, and can be set right',
    found: `${changedByOthers ?? 'nothing was seen'}; then ${after}`,
    so: 'status warns of weights that somebody changes, and the next rollout sets them right',
    otherwise: 'let nobody else write to rules of services',
  });
}

async function close(tried: Tried): Promise<LiveFinding> {
  const { stage, router, rule, groups } = tried;
  const route = routeOf(tried, SPLITS.length + 2, [0, 0]);
  await router.apply({ ...route, closed: GONE });
  const closed = answerOf(await stage.readRule(rule.arn));
  await router.remove(stage.service, SPLITS.length + 3);
  const removed = await stage.readRule(rule.arn);
  const isFree = !groups.some(({ arn }) => JSON.stringify(removed).includes(arn));
  return judge({
    holds: closed === `503 ${GONE}` && isFree,
    expected: 'a rule whose service goes answers 503 with the reason, and forwards to nobody then',
    found: `${closed}, then ${answerOf(removed)}`,
    so: 'clients of a service that was removed are told so',
    otherwise: 'look at the rule of a service after it was removed',
  });
}

function routeOf({ stage: { service }, groups }: Tried, generation: number, split: readonly number[]): Route {
  const targets = groups.map(({ arn, revision }, index) => ({
    // The router's own first and second, so that its words for them are known.
    revision: index + 1,
    weight: split[index] ?? 0,
    endpoints: [{ host: `r${revision}.invalid`, port: 80, attributes: { targetGroupArn: arn } }],
  }));
  return { service, generation, targets };
}

/** `90:10` */
function splitOf({ Actions = [] }: Rule, { groups }: Tried): string {
  const tuples = Actions.at(-1)?.ForwardConfig?.TargetGroups ?? [];
  return groups
    .map(({ arn }) => tuples.find(({ TargetGroupArn }) => TargetGroupArn === arn)?.Weight ?? 'none')
    .join(':');
}

function answerOf({ Actions = [] }: Rule): string {
  const { Type = 'nothing', FixedResponseConfig: answer } = Actions.at(-1) ?? {};
  return answer ? `${answer.StatusCode} ${answer.MessageBody}` : Type;
}
