import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readDriftInterval } from '../../src/temporal/drift-settings.ts';

describe('how often stacks are looked at for drift', () => {
  it('is every hour, as often as is asked for, or never by itself', () => {
    assert.equal(readDriftInterval({}), 3_600_000);
    assert.equal(readDriftInterval({ SUPPLANT_DRIFT_EVERY: '' }), 3_600_000);
    assert.equal(readDriftInterval({ SUPPLANT_DRIFT_EVERY: '1h30m' }), 5_400_000);
    assert.equal(readDriftInterval({ SUPPLANT_DRIFT_EVERY: '1s' }), 1_000);
    assert.equal(readDriftInterval({ SUPPLANT_DRIFT_EVERY: 'off' }), 'off');
  });

  for (const text of ['often', '500ms', '0s', 'OFF', '-1h']) {
    it(`is not '${text}', which is refused with what would be right`, () => {
      const wrong = new RegExp(`^Error: SUPPLANT_DRIFT_EVERY is ${text}, .* write it as 15m or 1h30m$`);
      assert.throws(() => readDriftInterval({ SUPPLANT_DRIFT_EVERY: text }), wrong);
    });
  }
});
