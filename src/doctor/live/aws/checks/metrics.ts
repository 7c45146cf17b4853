import { CloudWatch } from '../../../../evidence/metrics/cloudwatch.ts';
import { wordsOf, judge } from '../../finding.ts';
import type { LiveCheck } from '../live-check.ts';

/** So long a window has the minutes that a metric of a load balancer would be in. */
const WINDOW_MS = 600_000;

/** A number that nobody has is missing, and not 0. */
export const metrics: LiveCheck = {
  name: 'metrics',
  async run({ balancer, parts: { identity, signal } }) {
    const reader = await CloudWatch.open({ region: identity.region });
    const now = Date.now();
    const window = { from: new Date(now - WINDOW_MS).toISOString(), to: new Date(now).toISOString() };
    // What CloudWatch calls a load balancer is what follows in its ARN.
    const LoadBalancer = balancer.split(':loadbalancer/').at(-1) ?? '';
    const query = { namespace: 'AWS/ApplicationELB', metric: 'RequestCount', dimensions: { LoadBalancer } };
    try {
      const found = await reader.read({ ...query, statistic: 'Sum' }, window, signal).then(
        ({ value, samples }) => ({ holds: value === undefined, words: `${value ?? 'no value'} of ${samples} samples` }),
        (error: unknown) => ({ holds: false, words: wordsOf(error) }),
      );
      return [
        judge({
          holds: found.holds,
          expected: 'the number of requests that a load balancer without traffic has had can be read, and is missing',
          found: found.words,
          so: 'no data is no pass: a limit on such a number leaves a verdict open',
          otherwise: 'strategy.metrics judges nothing here, or judges what nobody has measured',
        }),
      ];
    } finally {
      await reader.close();
    }
  },
};
