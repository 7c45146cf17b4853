import assert from 'node:assert/strict';
import type { CloudWatchMetric } from '../../../src/domain/evidence/metric-spec.ts';
import type { Endpoint } from '../../../src/domain/service/revision.ts';
import { buildRevisionQueries } from '../../../src/evidence/metrics/revision-query.ts';

const ELB = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';

const latency: CloudWatchMetric = {
  ...{ kind: 'cloudwatch', name: 'latency', namespace: 'AWS/ApplicationELB', metric: 'TargetResponseTime' },
  ...{ statistic: 'p99', atMost: 0.5, leastSamples: 100 },
};

const behind = (group: string): Endpoint => ({
  ...{ host: 'lb.example.com', port: 80 },
  attributes: {
    targetGroupArn: `${ELB}:targetgroup/${group}`,
    listenerArn: `${ELB}:listener/app/shared/50dc6c495c0c9188/f2f7dc8efc522ab2`,
  },
});

const of = (...endpoints: Endpoint[]) => ({
  ...{ service: { name: 'web', environment: 'production' }, revision: 5, endpoints },
});

describe('what CloudWatch is asked about a revision', () => {
  it('is of its target group at its load balancer, in their region, where nothing else is said', () => {
    assert.deepEqual(buildRevisionQueries(latency, of(behind('web-r5/73e2'), behind('web-r5/73e2'))), [
      {
        ...{ namespace: 'AWS/ApplicationELB', metric: 'TargetResponseTime', statistic: 'p99', region: 'eu-west-1' },
        dimensions: { TargetGroup: 'targetgroup/web-r5/73e2', LoadBalancer: 'app/shared/50dc6c495c0c9188' },
      },
    ]);
  });

  it('is of each of several target groups', () => {
    const found = buildRevisionQueries(latency, of(behind('a/1'), behind('b/2')));
    assert.deepEqual(
      found.map(({ dimensions }) => dimensions.TargetGroup),
      ['targetgroup/a/1', 'targetgroup/b/2'],
    );
  });

  it('is of what is described, with what the revision is called filled in', () => {
    const dimensions = { Service: '{service}', Stage: '{environment}-{service}', Revision: '{revision}', As: '{it}' };
    const [query] = buildRevisionQueries({ ...latency, per: 'Calls', dimensions }, of(behind('a/1')));
    assert.deepEqual(query, {
      ...{ namespace: 'AWS/ApplicationELB', metric: 'TargetResponseTime', statistic: 'p99', per: 'Calls' },
      dimensions: { Service: 'web', Stage: 'production-web', Revision: 'r5', As: '{it}' },
    });
  });

  it('is nothing where the revision is behind no load balancer', () => {
    assert.deepEqual(buildRevisionQueries(latency, of({ host: '127.0.0.1', port: 8_080 })), []);
  });
});
