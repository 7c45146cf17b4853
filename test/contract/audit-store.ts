import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import fc from 'fast-check';
import { GENESIS_HASH, hashOf } from '../../src/store/audit/chain.ts';
import { exportEvents, verifyExport } from '../../src/store/audit/export.ts';
import {
  AuditConflictError,
  type AuditEntry,
  AuditEntryError,
  type AuditStore,
  AuditUnavailableError,
} from '../../src/store/audit/store.ts';
import type { JsonObject } from '../../src/domain/json.ts';

/** An entry with everything in it that a test does not care about. */
export function entry(over: Partial<AuditEntry> & { key: string }): AuditEntry {
  return { type: 'route.changed', subject: 'web/production', actor: 'ada', data: {}, ...over };
}

/**
 * What every audit store must do, whatever it stands on.
 *
 * @param open gives a store of its own, empty, each time it is called
 */
export function auditStoreContract(name: string, open: () => Promise<AuditStore>): void {
  describe(`audit store contract: ${name}`, () => {
    let store: AuditStore;
    const fresh = async (use: (store: AuditStore) => Promise<void>): Promise<void> => {
      const another = await open();
      try {
        await use(another);
      } finally {
        await another.close();
      }
    };

    before(async () => {
      store = await open();
    });
    after(async () => {
      await store.close();
    });

    it('begins as an empty chain that holds', () =>
      fresh(async (empty) => {
        assert.deepEqual(await empty.list(), []);
        assert.deepEqual(await empty.verify(), { ok: true, events: 0, head: GENESIS_HASH });
      }));

    it('numbers from 1 without a gap and chains each line to the one before', () =>
      fresh(async (chain) => {
        const first = await chain.append(entry({ key: 'a' }));
        const second = await chain.append(entry({ key: 'b', rollout: 'web/production#1', reason: 'because' }));
        assert.deepEqual([first.seq, second.seq], [1, 2]);
        assert.deepEqual([first.previousHash, second.previousHash], [GENESIS_HASH, first.hash]);
        const { hash, ...content } = second;
        assert.equal(hash, hashOf(content));
        assert.deepEqual(await chain.verify(), { ok: true, events: 2, head: second.hash });
      }));

    it('gives back what was appended, and nothing that was not', async () => {
      const full = entry({ key: 'full', rollout: 'web/production#1', reason: 'Grüße 🚀\n', data: { a: [1, null] } });
      const bare = entry({ key: 'bare' });
      const before = Date.now();
      for (const each of [full, bare]) {
        const appended = await store.append(each);
        const { seq, at, previousHash, hash, ...content } = appended;
        assert.deepEqual(content, each);
        assert.ok(seq > 0 && /^[0-9a-f]{64}$/.test(hash) && /^[0-9a-f]{64}$/.test(previousHash));
        assert.equal(new Date(at).toISOString(), at);
        assert.ok(Date.parse(at) >= before && Date.parse(at) <= Date.now());
        assert.deepEqual(await store.list({ afterSeq: seq - 1, limit: 1 }), [appended]);
      }
    });

    it('returns the stored event for a repeat, whatever the order of its keys, and adds nothing', async () => {
      const stored = await store.append(entry({ key: 'repeat', data: { a: 1, b: { c: 2, d: [3, { e: 4, f: 5 }] } } }));
      const events = await store.list();
      const again = { data: { b: { d: [3, { f: 5, e: 4 }], c: 2 }, a: 1 }, actor: 'ada', subject: 'web/production' };
      assert.deepEqual(await store.append({ ...again, type: 'route.changed', key: 'repeat' }), stored);
      assert.deepEqual(await store.list(), events);
    });

    const others: [string, Partial<AuditEntry>][] = [
      ['type', { type: 'stack.destroyed' }],
      ['subject', { subject: 'web/staging' }],
      ['rollout', { rollout: 'web/production#2' }],
      ['actor', { actor: 'bob' }],
      ['reason', { reason: 'another' }],
      ['data', { data: { weight: 50 } }],
    ];
    for (const [field, other] of others) {
      it(`refuses the same key with another ${field}, naming it, and keeps what it has`, async () => {
        const stored = await store.append(entry({ key: `conflict-${field}`, data: { weight: 100 } }));
        await assert.rejects(
          store.append({ ...entry({ key: stored.key, data: { weight: 100 } }), ...other }),
          (error) => {
            assert.ok(error instanceof AuditConflictError);
            assert.match(error.message, new RegExp(`'conflict-${field}'.* line ${stored.seq} with another ${field};`));
            return true;
          },
        );
        assert.deepEqual(await store.list({ afterSeq: stored.seq - 1 }), [stored]);
      });
    }

    it('refuses an entry it could not give back, with all that is wrong with it', async () => {
      const head = await store.verify();
      const bad = entry({ key: '', actor: '', data: { latency: NaN } });
      await assert.rejects(store.append(bad), (error) => {
        assert.ok(error instanceof AuditEntryError);
        assert.match(error.message, /key is empty; actor is empty; data is not JSON \(.*NaN/);
        return true;
      });
      assert.deepEqual(await store.verify(), head);
    });

    it('takes text that was clipped in the middle of a character', async () => {
      const clipped = '🚀🚀'.slice(0, 3);
      const event = await store.append(entry({ key: 'clipped', reason: clipped, data: { body: clipped } }));
      assert.deepEqual([event.reason, event.data], ['🚀\ufffd', { body: '🚀\ufffd' }]);
      assert.deepEqual(await store.append(entry({ key: 'clipped', reason: clipped, data: { body: clipped } })), event);
    });

    it('keeps any JSON as it is, and the chain over it holds', async () => {
      let number = 0;
      const text = fc.string({ unit: 'binary' });
      const data = fc.dictionary(text, fc.jsonValue({ stringUnit: 'binary' })).map((value) => ({ ...value }));
      await fc.assert(
        fc.asyncProperty(text, data, async (reason, value) => {
          number += 1;
          const appended = await store.append(entry({ key: `json-${number}`, reason, data: value as JsonObject }));
          const [read] = await store.list({ afterSeq: appended.seq - 1, limit: 1 });
          assert.deepEqual(read, appended);
          assert.equal(read.reason, reason);
          // JSON has one zero.
          assert.deepEqual(read.data, JSON.parse(JSON.stringify(value)));
          const again = await store.append(entry({ key: `json-${number}`, reason, data: value as JsonObject }));
          assert.equal(again.seq, appended.seq);
        }),
        { numRuns: 60 },
      );
      assert.equal((await store.verify()).ok, true);
    });

    it('lists by subject, rollout, position and number, oldest first', () =>
      fresh(async (chain) => {
        for (let number = 1; number <= 12; number += 1) {
          const service = number % 2 === 0 ? 'api/staging' : 'web/production';
          await chain.append(entry({ key: `e${number}`, subject: service, rollout: `${service}#${number % 3}` }));
        }
        const seqs = async (query: Parameters<AuditStore['list']>[0]): Promise<number[]> =>
          (await chain.list(query)).map((event) => event.seq);
        assert.deepEqual(await seqs({ subject: 'api/staging' }), [2, 4, 6, 8, 10, 12]);
        assert.deepEqual(await seqs({ rollout: 'api/staging#1' }), [4, 10]);
        assert.deepEqual(await seqs({ subject: 'web/production', rollout: 'api/staging#1' }), []);
        assert.deepEqual(await seqs({ afterSeq: 9 }), [10, 11, 12]);
        assert.deepEqual(await seqs({ afterSeq: 4, limit: 3 }), [5, 6, 7]);
        assert.deepEqual(await seqs({ subject: 'api/staging', afterSeq: 4, limit: 2 }), [6, 8]);
        assert.deepEqual(await seqs({ afterSeq: 12 }), []);
        await assert.rejects(seqs({ limit: 0 }), RangeError);
      }));

    it('keeps appends from one process that overlap in one chain', () =>
      fresh(async (chain) => {
        const keys = Array.from({ length: 200 }, (_, number) => `k${number % 100}`);
        const appended = await Promise.all(keys.map((key) => chain.append(entry({ key }))));
        assert.deepEqual(appended.slice(100), appended.slice(0, 100));
        assert.equal(new Set(appended.map((event) => event.seq)).size, 100);
        const verdict = await chain.verify();
        assert.deepEqual([verdict.ok, verdict.events], [true, 100]);
      }));

    it('lists 1,000 unless told, and verifies and exports beyond that', () =>
      fresh(async (chain) => {
        for (let number = 1; number <= 1203; number += 1) await chain.append(entry({ key: `e${number}` }));
        assert.equal((await chain.list()).length, 1000);
        const verdict = await chain.verify();
        assert.deepEqual([verdict.ok, verdict.events], [true, 1203]);
        const lines: string[] = [];
        const exported = await exportEvents(chain, async (line) => void lines.push(line));
        assert.deepEqual({ ok: true, ...exported }, verdict);
        assert.equal(lines.length, 1203);
        assert.deepEqual(await verifyExport(lines), verdict);
      }));

    it('knows whether a head noted earlier is still in the chain', () =>
      fresh(async (chain) => {
        const { hash } = await chain.append(entry({ key: 'noted' }));
        await chain.append(entry({ key: 'later' }));
        assert.equal((await chain.verify(hash)).ok, true);
        const verdict = await chain.verify('f'.repeat(64));
        assert.ok(!verdict.ok && verdict.brokenSeq === 3);
        assert.match(verdict.fault, /lines were cut off/);
      }));

    it('says that it is closed to those who come afterwards', async () => {
      const closed = await open();
      await closed.close();
      await closed.close();
      await assert.rejects(closed.append(entry({ key: 'late' })), AuditUnavailableError);
      await assert.rejects(closed.list(), AuditUnavailableError);
      await assert.rejects(closed.verify(), AuditUnavailableError);
    });
  });
}
