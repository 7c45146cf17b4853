import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Catalogue } from '../../src/store/catalogue/catalogue.ts';
import type { RequestRecord } from '../../src/store/catalogue/request-log.ts';
import { pickSettings } from '../../src/domain/service/service.ts';
import { spec } from '../workflow/samples.ts';

const WEB = { name: 'web', environment: 'production' };
const API = { name: 'api', environment: 'production' };

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function request(number: number, over: Partial<RequestRecord> = {}): RequestRecord {
  return {
    service: WEB,
    requestId: `request-${number}`,
    fingerprint: `${number}`.padStart(16, '0'),
    at: at(number),
    receipt: { service: WEB, rollout: number, unchanged: false, queuedBehind: 0 },
    entry: {
      number,
      kind: 'rollback',
      actor: 'ada',
      service: WEB,
      settings: pickSettings(spec(WEB)),
      to: 1,
      queuedAt: at(number),
    },
    ...over,
  };
}

/**
 * What every request log must do, whatever it stands on.
 *
 * @param open gives a catalogue of its own, empty, each time it is called, with the way to close it
 */
export function requestLogContract(
  name: string,
  open: () => Promise<{ catalogue: Catalogue; close: () => Promise<void> }>,
): void {
  describe(`request log contract: ${name}`, () => {
    let catalogue: Catalogue;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ catalogue, close } = await open());
    });
    afterEach(() => close());

    it('gives back what was saved, newest first, of that service alone; a repeat changes nothing', async () => {
      const { requests } = catalogue;
      const { entry: _entry, ...unchanged } = request(2);
      const { receipt: _receipt, ...noted } = { ...unchanged, requestId: 'noted', at: at(3) };
      for (const record of [request(1), unchanged, noted, request(1)]) await requests.save(record);
      assert.deepEqual(await requests.latest(WEB, 10), [noted, unchanged, request(1)]);
      assert.deepEqual(await requests.latest(WEB, 2), [noted, unchanged]);
      assert.deepEqual(await requests.latest(API, 10), []);
      assert.deepEqual(await requests.find(WEB, 'request-2'), unchanged);
      assert.equal(await requests.find(API, 'request-2'), undefined);
      assert.deepEqual(await requests.entry(WEB, 1), request(1).entry);
      assert.equal(await requests.entry(WEB, 2), undefined);
    });

    it('finds the latest of two under one id, which was free again', async () => {
      const [first, second] = [request(1), request(2, { requestId: 'request-1' })];
      for (const record of [second, first]) await catalogue.requests.save(record);
      assert.deepEqual(await catalogue.requests.find(WEB, 'request-1'), second);
      await catalogue.requests.forget(WEB, 'request-1', at(2));
      assert.deepEqual(await catalogue.requests.find(WEB, 'request-1'), first);
    });

    it('gives a rollout to one request: the one that was saved last', async () => {
      const other = request(1, { requestId: 'other', at: at(5) });
      for (const record of [request(1), other]) await catalogue.requests.save(record);
      assert.deepEqual(await catalogue.requests.latest(WEB, 10), [other]);
      assert.deepEqual(await catalogue.requests.queue(WEB), [other.entry]);
    });

    it('queues what was asked for and has neither begun nor ended, in order', async () => {
      const numbers = async () => (await catalogue.requests.queue(WEB)).map(({ number }) => number);
      await catalogue.saveService(spec(WEB), 1);
      for (const number of [3, 1, 2, 4]) await catalogue.requests.save(request(number));
      assert.deepEqual(await numbers(), [1, 2, 3, 4]);
      const begun = { service: WEB, kind: 'rollback', actor: 'ada', startedAt: at(9) } as const;
      await catalogue.saveRollout({ ...begun, number: 1 });
      await catalogue.saveRollout({ ...begun, number: 3, endedAt: at(9), outcome: 'aborted' });
      assert.deepEqual(await numbers(), [2, 4]);
      assert.deepEqual(await catalogue.requests.queue(API), []);
      const elsewhere = request(7, { service: API, entry: { ...request(7).entry!, service: API } });
      await catalogue.requests.save(elsewhere);
      assert.deepEqual(await catalogue.requests.waiting(), [API, WEB]);
      const all = await catalogue.requests.queue();
      assert.deepEqual(all.map(({ number }) => number).sort(), [2, 4, 7]);
    });

    it('forgets what is older than told, of that service alone, but for rollouts that have not ended', async () => {
      const { requests } = catalogue;
      await catalogue.saveService(spec(WEB), 1);
      const { entry: _entry, ...unchanged } = request(4);
      const elsewhere = request(1, { service: API });
      for (const record of [request(1), request(2), request(3), unchanged, request(5), elsewhere]) {
        await requests.save(record);
      }
      const begun = { service: WEB, kind: 'rollback', actor: 'ada', startedAt: at(9) } as const;
      await catalogue.saveRollout({ ...begun, number: 1, endedAt: at(9), outcome: 'succeeded' });
      await catalogue.saveRollout({ ...begun, number: 2 });
      await catalogue.saveRollout({ ...begun, number: 5, endedAt: at(9), outcome: 'succeeded' });
      await requests.prune(WEB, at(5));
      assert.deepEqual(await requests.latest(WEB, 10), [request(5), request(3), request(2)]);
      assert.deepEqual(await requests.latest(API, 10), [elsewhere]);
    });
  });
}
