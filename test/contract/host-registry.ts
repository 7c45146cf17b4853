import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { AWAY_AFTER_MS, type Host, isForgotten, judgeHost } from '../../src/domain/hosts/host.ts';
import { SILENT_AFTER_MS } from '../../src/domain/pools/served.ts';
import type { HostRegistry } from '../../src/store/hosts/registry.ts';

const A = { id: 'a-11111111', name: 'a', version: '0.1.0', worker: { id: 'w', pools: ['default'], blueprints: [] } };
const BY = { actor: 'ada', reason: 'grüße an die Maschine' };

/**
 * What every registry of hosts must do, whatever it stands on.
 *
 * @param open gives one of its own, empty, each time it is called, with the way to close it
 */
export function hostRegistryContract(
  name: string,
  open: () => Promise<{ hosts: HostRegistry; close: () => Promise<void> }>,
): void {
  describe(`host registry contract: ${name}`, () => {
    let hosts: HostRegistry;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ hosts, close } = await open());
    });
    afterEach(() => close());

    it('knows by id who gave a sign of life, since when, and as what it was last', async () => {
      assert.deepEqual(await hosts.list(), []);
      assert.equal(await hosts.find(A.id), undefined);
      await hosts.announce({
        id: 'b-22222222',
        name: 'b',
        version: '0.1.0',
        worker: { id: 'w', pools: ['default'], blueprints: [] },
      });
      await hosts.announce(A);
      const first = await hosts.find(A.id);
      await hosts.announce({ ...A, name: 'renamed', version: '0.2.0' });
      const [again, other] = await hosts.list();
      assert.deepEqual([again?.id, again?.name, again?.version], [A.id, 'renamed', '0.2.0']);
      assert.equal(again?.firstSeenAt, first?.firstSeenAt);
      assert.ok((again?.lastSeenAt ?? '') >= (first?.lastSeenAt ?? 'none'));
      assert.equal(other?.id, 'b-22222222');
    });

    it('has a host that was seen just now as live, by the clock that its time is of', async () => {
      await hosts.announce(A);
      const found = await hosts.find(A.id);
      assert.ok(found && Number.isSafeInteger(found.unseenMs) && found.unseenMs < AWAY_AFTER_MS);
      assert.equal(judgeHost(A.id, found).state, 'live');
    });

    it('knows what each worker of a host is that was seen of late', async () => {
      const made = (digest: string) => [{ name: 'local-process', digest }];
      await hosts.announce({ ...A, worker: { id: '1', pools: ['default'], blueprints: made('d1') } });
      await hosts.announce({ ...A, worker: { id: '2', pools: ['eu'], blueprints: made('d2') } });
      await hosts.announce({ ...A, worker: { id: '1', pools: ['default', 'us'], blueprints: made('d3') } });
      const workers = [
        { pools: ['default', 'us'], blueprints: made('d3') },
        { pools: ['eu'], blueprints: made('d2') },
      ];
      const factsOf = (host: Host | undefined) => host?.workers.map(({ unseenMs: _, ...facts }) => facts);
      assert.deepEqual(factsOf(await hosts.find(A.id)), workers);
      await hosts.announce({ ...A, id: 'b-22222222' });
      assert.deepEqual(factsOf((await hosts.list())[0]), workers);
    });

    it('knows how long each worker was not seen', async () => {
      await hosts.announce(A);
      const [worker] = (await hosts.find(A.id))?.workers ?? [];
      assert.ok(worker && Number.isSafeInteger(worker.unseenMs) && worker.unseenMs < SILENT_AFTER_MS);
    });

    it('knows a worker no more that has ended in order, and its host as before', async () => {
      await hosts.announce({ ...A, worker: { id: '1', pools: ['default'], blueprints: [] } });
      await hosts.announce({ ...A, worker: { id: '2', pools: ['eu'], blueprints: [] } });
      await hosts.withdraw(A.id, '1');
      await hosts.withdraw(A.id, '1');
      const found = await hosts.find(A.id);
      assert.deepEqual(
        found?.workers.map(({ pools }) => pools),
        [['eu']],
      );
      assert.equal(judgeHost(A.id, found).state, 'live');
    });

    it('finds who works for a host with another copy of its data folder', async () => {
      const by = (id: string, name: string, copy?: string) =>
        hosts.announce({
          ...{ ...A, name },
          worker: { id, pools: [], blueprints: [], ...(copy === undefined ? {} : { copy }) },
        });
      await by('1', 'a', 'mine');
      await by('2', 'a');
      assert.equal(await hosts.findOtherCopy(A.id, 'mine'), undefined);
      await by('3', 'elsewhere', 'other');
      const found = await hosts.findOtherCopy(A.id, 'mine');
      assert.equal(found?.machine, 'elsewhere');
      assert.ok(found.unseenMs < AWAY_AFTER_MS);
      await hosts.announce({ ...A, id: 'b-22222222', worker: { id: '4', copy: 'mine', pools: [], blueprints: [] } });
      assert.equal(await hosts.findOtherCopy('b-22222222', 'mine'), undefined);
      await by('3', 'elsewhere', 'other');
      const again = await hosts.findOtherCopy(A.id, 'mine');
      assert.ok(again && again.lastSeen >= found.lastSeen);
    });

    it('forgets no host that is live', async () => {
      await hosts.announce(A);
      assert.equal(await hosts.forget(A.id, BY), false);
      assert.equal((await hosts.find(A.id))?.forgotten, undefined);
    });

    it('forgets one that was never seen, as often as it is asked, and knows it again once it comes', async () => {
      assert.equal(await hosts.forget(A.id, BY), true);
      assert.equal(await hosts.forget(A.id, { ...BY, actor: 'bob' }), true);
      const gone = await hosts.find(A.id);
      assert.deepEqual([gone?.forgotten?.by, gone?.forgotten?.reason], ['bob', BY.reason]);
      assert.deepEqual([gone?.firstSeenAt, gone?.lastSeenAt], [undefined, undefined]);
      assert.equal(judgeHost(A.id, gone).state, 'forgotten');
      // Its sign is later than the word, and not of the same millisecond.
      for (;;) {
        await hosts.announce(A);
        const back = await hosts.find(A.id);
        assert.ok(back?.forgotten);
        if (isForgotten(back)) continue;
        assert.equal(judgeHost(A.id, back).state, 'live');
        break;
      }
    });

    it('keeps of each host what was found there last', async () => {
      assert.equal(await hosts.inventory(A.id), undefined);
      await hosts.saveInventory(A.id, { found: [], missing: 'no answer' });
      const found = [{ project: 'production', stack: 'web-production-r1' }];
      await hosts.saveInventory(A.id, { found });
      assert.deepEqual(await hosts.inventory(A.id), { found });
      assert.equal(await hosts.inventory('b-22222222'), undefined);
    });
  });
}
