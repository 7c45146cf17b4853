import { DeleteRuleCommand, DeleteTargetGroupCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { judge, tryCall, wordsOf } from '../../finding.ts';
import { pollFact } from '../poll.ts';
import type { LiveCheck } from '../live-check.ts';
import { forwardTo } from '../stage.ts';

/** How long the plugin tries a deletion again: terraform-provider-aws, `internal/service/elbv2/target_group.go`. */
const PLUGIN_TRIES_MS = 120_000;

/** A target group in use stays, and goes once its rule has gone. */
export const heldBack: LiveCheck = {
  name: 'a target group in use',
  async run(stage) {
    const { blueprint, clients, signal } = stage.parts;
    const group = await stage.addGroup();
    const rule = await stage.addRule(group.stack, forwardTo([[group, 1]]));
    const remove = () => clients.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: group.arn }));
    const refused = await tryCall(remove());
    await clients.elb.send(new DeleteRuleCommand({ RuleArn: rule.arn }));
    let last = '';
    const tookMs = await pollFact(PLUGIN_TRIES_MS, signal, async () => {
      try {
        await remove();
        return true;
      } catch (error) {
        last = wordsOf(error);
        return false;
      }
    });
    return [
      judge({
        holds: refused.error !== undefined && blueprint.isHeldBack?.(refused.words) === true,
        expected: 'one that a rule forwards to cannot be deleted, and AWS says that it is in use',
        found: refused.words,
        so: 'what holds a revision back is found and removed before it',
        otherwise: 'the removal of a revision whose rule the state does not know fails; remove the rule by hand then',
      }),
      judge({
        holds: tookMs !== undefined,
        expected: `one whose rule was deleted can be deleted within ${PLUGIN_TRIES_MS / 1_000} s`,
        found: tookMs === undefined ? `still ${last}` : `it was deleted ${tookMs} ms after the rule`,
        so: 'the plugin waits for long enough',
        otherwise: 'a removal fails at first, and succeeds when it is tried again',
        worst: 'unsure',
      }),
    ];
  },
};
