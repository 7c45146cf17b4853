import type { StackId } from '../../../../stacks/blueprint.ts';
import { judge } from '../../finding.ts';
import type { LiveCheck } from '../live-check.ts';
import { pollFact } from '../poll.ts';
import { forwardTo, type LiveStage } from '../stage.ts';

const LONGEST_MS = 30_000;
/** Beyond any that the look has made. */
const NEVER_MADE = 999;

/** What an interrupted rollout has made is found by its name and its tags: by the lookup that rollouts use. */
export const foundAgain: LiveCheck = {
  name: 'what was made',
  async run(stage) {
    const group = await stage.addGroup();
    await stage.addRule(group.stack, forwardTo([[group, 1]]));
    let traces: string[] = [];
    let looks = 0;
    const tookMs = await pollFact(LONGEST_MS, stage.parts.signal, async () => {
      looks += 1;
      traces = await look(stage, group.stack);
      return traces.length >= 2;
    });
    const nobody = await look(stage, stage.stackOf(NEVER_MADE));
    const shown = traces.length === 0 ? 'nothing' : traces.join(' and ');
    return [
      judge({
        holds: tookMs !== undefined && looks === 1,
        expected: 'a target group and its rule are found as soon as they are made',
        found: tookMs === undefined ? `${shown} within ${LONGEST_MS / 1_000} s` : `${shown} after ${tookMs} ms`,
        so: 'a rollout that was interrupted takes over what it had made, and a removal leaves nothing',
        otherwise:
          tookMs === undefined
            ? 'what an interrupted rollout made may stay; look for it by the tag supplant:stack'
            : 'a rollout that is repeated sooner is refused by AWS at first, and tries again',
        worst: tookMs === undefined ? 'bad' : 'unsure',
      }),
      judge({
        holds: nobody.length === 0,
        expected: 'of a revision that was never made, nothing is found',
        found: nobody.length === 0 ? 'nothing' : nobody.join(' and '),
        so: 'a first rollout finds nothing to take over',
        otherwise: 'a rollout may take over what is not its own; use no AWS blueprint here',
      }),
    ];
  },
};

async function look({ parts }: LiveStage, stack: StackId): Promise<string[]> {
  const found: string[] = [];
  for await (const page of parts.blueprint.inventory(stack, { region: parts.identity.region }))
    found.push(...page.flatMap(({ traces }) => traces));
  return found;
}
