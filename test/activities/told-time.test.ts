import assert from 'node:assert/strict';
import { MockActivityEnvironment } from '@temporalio/testing';
import { tellTime } from '../../src/activities/told-time.ts';

describe('tellTime', () => {
  const NOW = Date.parse('2026-12-01T03:00:00.000Z');

  const tell = (goneMs: number, isLocal: boolean): Promise<unknown> => {
    const scheduled = Date.now() - goneMs;
    const environment = new MockActivityEnvironment({ isLocal, currentAttemptScheduledTimestampMs: scheduled });
    return environment.run(async () => Math.round(((tellTime({ now: NOW }).at ?? 0) - NOW) / 1_000));
  };

  const cases: [what: string, goneMs: number, isLocal: boolean, secondsLater: number][] = [
    ['adds what a step in place has taken', 3_000, true, 3],
    ['adds no more than such a step may take, though the clock was set', 3_600_000, true, 5],
    ['goes back by no clock that was set', -3_600_000, true, 0],
    ["compares no server's clock with its own", 30_000, false, 0],
  ];
  for (const [what, goneMs, isLocal, secondsLater] of cases) {
    it(what, async () => {
      assert.equal(await tell(goneMs, isLocal), secondsLater);
    });
  }

  it('tells nothing to workflows that do not say what time it is', () => {
    assert.deepEqual(tellTime({}), {});
  });
});
