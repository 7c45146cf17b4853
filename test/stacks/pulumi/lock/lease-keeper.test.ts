import assert from 'node:assert/strict';
import { LeaseKeeper, type LeaseStep } from '../../../../src/stacks/pulumi/lock/lease-keeper.ts';

/** A look at a moment, and what it must find; or what has become of the renewal that was sent last. */
type Moment = [at: number, step: LeaseStep, isDue: boolean] | 'sent' | 'renewed' | 'failed' | 'lost';

/** Of a lease of 12 s that was claimed at 100 s. All times in milliseconds. */
const TABLE: Record<string, Moment[]> = {
  'is renewed after a quarter, one renewal at a time': [
    [100_000, 'go-on', false],
    [102_999, 'go-on', false],
    [103_000, 'go-on', true],
    'sent',
    [103_250, 'go-on', false],
    [105_999, 'go-on', false],
    'failed',
    [105_999, 'go-on', true],
  ],
  'counts from when a renewal was sent, not from its answer': [
    [104_000, 'go-on', true],
    'sent',
    [105_500, 'go-on', false],
    'renewed',
    [109_999, 'go-on', true],
    [110_000, 'stop', true],
  ],
  'is stopped in order at half of it, and by force at three quarters': [
    [105_999, 'go-on', true],
    [106_000, 'stop', true],
    [108_999, 'stop', true],
    [109_000, 'kill', false],
    [109_001, 'kill', false],
  ],
  'is still renewed for what is to stop, which never goes on again': [
    [106_000, 'stop', true],
    'sent',
    'renewed',
    [106_500, 'stop', false],
    [112_000, 'stop', true],
    [115_000, 'kill', false],
  ],
  'is over at once where the process stood still for too long': [
    [101_000, 'go-on', false],
    [160_000, 'kill', false],
  ],
  'is over although a renewal succeeds that was sent before a long pause': [
    [103_000, 'go-on', true],
    'sent',
    'renewed',
    [130_000, 'kill', false],
    'renewed',
    [130_250, 'kill', false],
  ],
  'is over at once where the claim is somebody else’s': [
    [103_000, 'go-on', true],
    'sent',
    'lost',
    [103_001, 'kill', false],
    [104_000, 'kill', false],
  ],
};

describe('a lease that is kept', () => {
  for (const [title, moments] of Object.entries(TABLE)) {
    it(title, () => {
      const keeper = new LeaseKeeper(12_000, 100_000);
      let now = 100_000;
      for (const moment of moments) {
        if (moment === 'sent') keeper.sent(now);
        else if (typeof moment === 'string') keeper[moment]();
        else {
          const [at, step, isDue] = moment;
          now = at;
          assert.deepEqual(keeper.look(at), { step, isDue }, `at ${at}`);
        }
      }
    });
  }
});
