import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { ChangeStopLog } from '../../src/store/change-stops/log.ts';

const SINCE = '2026-01-01T00:00:00.000Z';
const everywhere = { actor: 'ada', reason: 'incident\n4711, grüße', since: SINCE };
const here = { ...everywhere, environment: 'production', until: '2026-01-02T00:00:00.000Z' };

/**
 * What every log of change stops must do, whatever it stands on.
 *
 * @param open gives one of its own, empty, each time it is called, with the way to close it
 */
export function changeStopLogContract(
  name: string,
  open: () => Promise<{ stops: ChangeStopLog; close: () => Promise<void> }>,
): void {
  describe(`change stop log contract: ${name}`, () => {
    let stops: ChangeStopLog;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ stops, close } = await open());
    });
    afterEach(() => close());

    it('keeps one for each environment and one for all, that for all first', async () => {
      assert.deepEqual(await stops.list(), []);
      for (const stop of [here, everywhere, { ...here, environment: 'a' }]) await stops.set(stop);
      assert.deepEqual(await stops.list(), [everywhere, { ...here, environment: 'a' }, here]);
    });

    it('puts a new one in the place of the one before, with no end where it has none', async () => {
      await stops.set(here);
      const { until: _none, ...endless } = { ...here, actor: 'bob', since: '2026-01-01T01:00:00.000Z' };
      await stops.set(endless);
      await stops.set(endless);
      assert.deepEqual(await stops.list(), [endless]);
    });

    it('lifts one, and not the one that was set after it', async () => {
      await stops.set(here);
      await stops.set(everywhere);
      await stops.lift(everywhere);
      await stops.lift(everywhere);
      assert.deepEqual(await stops.list(), [here]);
      await stops.set({ ...here, since: '2026-01-01T01:00:00.000Z' });
      await stops.lift(here);
      assert.equal((await stops.list()).length, 1);
    });
  });
}
