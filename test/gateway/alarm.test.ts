import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Alarm } from '../../src/gateway/handlers/alarm.ts';

describe('an alarm', () => {
  it('rings once, also for a time that is over, and for what was set last alone', async () => {
    let rings = 0;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    using alarm = new Alarm(() => {
      rings += 1;
      resolve(undefined);
    });
    alarm.set(new Date(Date.now() + 3_600_000));
    alarm.set(new Date(0));
    await promise;
    await sleep(0);
    assert.equal(rings, 1);
  });

  it('is not set any more once it is disposed of, nor rings at once for a time that is months away', async () => {
    let rings = 0;
    const alarm = new Alarm(() => (rings += 1));
    alarm.set(new Date('2999-01-01T00:00:00Z'));
    const { promise, resolve } = Promise.withResolvers<undefined>();
    using later = new Alarm(() => resolve(undefined));
    later.set(new Date(0));
    await promise;
    alarm[Symbol.dispose]();
    alarm.set(new Date(0));
    assert.equal(rings, 0);
  });
});
