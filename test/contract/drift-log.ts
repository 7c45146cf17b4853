import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { DriftRecord } from '../../src/domain/drift/record.ts';
import type { DriftLog } from '../../src/store/drift/log.ts';

const web = { name: 'web', environment: 'production' };

function record(revision: number, over: Partial<DriftRecord> = {}): DriftRecord {
  return { service: web, revision, version: 1, findings: [], lookedAt: '2026-01-01T00:00:00.000Z', ...over };
}

/**
 * What every log of drift must do, whatever it stands on.
 *
 * @param open gives one of its own, empty, each time it is called, with the way to close it
 */
export function driftLogContract(
  name: string,
  open: () => Promise<{ drift: DriftLog; close: () => Promise<void> }>,
): void {
  describe(`drift log contract: ${name}`, () => {
    let drift: DriftLog;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ drift, close } = await open());
    });
    afterEach(() => close());

    it('keeps all of a record, by service, environment and revision, until it is forgotten', async () => {
      const full = record(10, {
        findings: [
          { urn: 'urn:ü', type: 't', name: 'p1', kind: 'changed', properties: ['port'], mark: 'm'.repeat(16) },
        ],
        since: '2026-01-01T00:00:00.000Z',
        trouble: { since: '2026-01-02T00:00:00.000Z', because: 'x'.repeat(5_000) },
        acknowledged: { by: 'ada', at: '2026-01-02T00:00:00.000Z', reason: 'grüße', requestId: 'r', covers: ['a'] },
      });
      const others = [
        record(2),
        record(1, { service: { ...web, environment: 'staging' } }),
        record(1, { service: { ...web, name: 'api' } }),
      ];
      for (const each of [full, ...others]) assert.equal(await drift.save(each), true);
      assert.deepEqual(await drift.find(full), full);
      assert.deepEqual(await drift.list(), [others[2], others[0], full, others[1]]);
      assert.deepEqual(await drift.list(web), [others[0], full]);
      await drift.forget(full);
      await drift.forget(full);
      assert.equal(await drift.find(full), undefined);
      assert.equal((await drift.list()).length, 3);
    });

    it('lets one of several writers have the next version', async () => {
      assert.equal(await drift.save(record(1)), true);
      assert.equal(await drift.save(record(1, { lookedAt: 'later' })), false);
      const next = await Promise.all(['a', 'b', 'c'].map((since) => drift.save(record(1, { version: 2, since }))));
      assert.equal(next.filter(Boolean).length, 1);
      assert.equal((await drift.find(record(1)))?.version, 2);
      assert.equal(await drift.save(record(1, { version: 4 })), false);
      await drift.forget(record(1));
      assert.equal(await drift.save(record(1, { version: 3 })), false);
      assert.equal(await drift.find(record(1)), undefined);
    });
  });
}
