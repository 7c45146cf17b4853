import { CreateRuleCommand, CreateTargetGroupCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type LiveFinding, judge, tryCall } from '../../finding.ts';
import type { LiveCheck } from '../live-check.ts';
import { NOBODY, type LiveStage } from '../stage.ts';

/** After an answer that was lost, what is there already must be known for that, or it is in the way for ever. */
export const takenNames: LiveCheck = {
  name: 'what is there already',
  async run(stage) {
    const group = await stage.addGroup();
    const { priority } = await stage.addRule(group.stack);
    const { elb } = stage.parts.clients;
    // It would be noted already: it has the same name.
    const sameName = elb.send(new CreateTargetGroupCommand({ ...stage.describeGroup(group.stack), Port: 8080 }));
    const samePriority = elb.send(
      new CreateRuleCommand({ ...stage.describeRule(group.stack, NOBODY), Priority: priority }),
    );
    return [
      await judgeRefusal(stage, 'a second target group of a name, with another port, is refused', sameName),
      await judgeRefusal(stage, 'a second rule of a priority is refused', samePriority),
    ];
  },
};

async function judgeRefusal({ parts }: LiveStage, expected: string, call: Promise<unknown>): Promise<LiveFinding> {
  const { error, words } = await tryCall(call);
  return judge({
    holds: error !== undefined && parts.blueprint.isLostAnswer?.(words) === true,
    expected: `${expected}, in words that say so`,
    found: words,
    so: 'a rollout that lost an answer of AWS takes over what was made',
    otherwise: 'a rollout that lost an answer of AWS fails, and the revision has to be removed before the next one',
  });
}
