import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { createClient } from '../../../../routing/aws-alb/rule-place.ts';
import { judge, wordsOf } from '../../finding.ts';
import type { LiveCheck } from '../live-check.ts';

/** As many as a rollout of several services makes in some seconds; AWS counts them for the account and region as a whole. */
const CALLS = 60;

/** With the router's client: what AWS throttles is tried again, more slowly. */
export const throttling: LiveCheck = {
  name: 'many calls at once',
  async run({ listener, parts }) {
    parts.signal.throwIfAborted();
    const client = createClient(sdk, parts.identity.region);
    try {
      const asked = Array.from({ length: CALLS }, () =>
        client.send(new sdk.DescribeRulesCommand({ ListenerArn: listener })),
      );
      const answers = await Promise.allSettled(asked);
      const answered = answers.flatMap((each) => (each.status === 'fulfilled' ? [each.value.$metadata] : []));
      const again = answered.filter(({ attempts = 1 }) => attempts > 1).length;
      const [refused] = answers.flatMap((each) => (each.status === 'rejected' ? [wordsOf(each.reason)] : []));
      const last = refused === undefined ? '' : `; the first that was not: ${refused}`;
      return [
        judge({
          holds: answered.length === CALLS,
          expected: `${CALLS} calls at once are answered, those that AWS throttles when they are tried again`,
          found: `${answered.length} were answered, ${again} of them when they were tried again${last}`,
          so: 'rollouts of several services at once do not fail of throttling',
          otherwise: 'let fewer rollouts run at once, or ask AWS for more calls',
          worst: 'unsure',
        }),
      ];
    } finally {
      client.destroy();
    }
  },
};
