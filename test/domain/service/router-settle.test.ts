import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { describeRouter, makesOwnLooks, readSettleMs, wordRouterSettings } from '../../../src/domain/service/router.ts';
import type { AwsAlbRouterSpec } from '../../../src/domain/service/service.ts';

const ALB: AwsAlbRouterSpec = { kind: 'aws-alb', rule: 'arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/a/b/c' };

describe('how long a router may take to follow', () => {
  it('is nothing for one that follows at once', () => {
    assert.equal(readSettleMs({ kind: 'embedded' }, { isLast: true }), 0);
    assert.equal(makesOwnLooks({ kind: 'embedded' }), false);
  });

  it('is longer for a load balancer where a revision loses its last traffic', () => {
    assert.deepEqual(
      [false, true].map((isLast) => readSettleMs(ALB, { isLast })),
      [10_000, 120_000],
    );
    const own = { ...ALB, settleMs: 5_000, lastSettleMs: 1_000 };
    assert.deepEqual(
      [false, true].map((isLast) => readSettleMs(own, { isLast })),
      [5_000, 5_000],
    );
  });

  it('is a setting; the rule is what tells one load balancer from another', () => {
    assert.notEqual(describeRouter(ALB), describeRouter({ ...ALB, rule: `${ALB.rule}d` }));
    assert.equal(describeRouter(ALB), describeRouter({ ...ALB, settleMs: 1 }));
    assert.deepEqual(wordRouterSettings({ ...ALB, stickyMs: 60_000 }), {
      'router.settle': '10s',
      'router.lastSettle': '120s',
      'router.healthyLooks': '3',
      'router.sticky': '60s',
      'router.drain': '30s',
    });
  });
});
