import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Store } from '../../src/store/store.ts';
import { spec } from '../workflow/samples.ts';
import { entry } from './audit-store.ts';

const WEB = { name: 'web', environment: 'production' };

/**
 * What every store must do that is written to in one transaction, whatever it stands on.
 *
 * @param open gives a store of its own, empty, each time it is called
 */
export function atOnceContract(name: string, open: () => Promise<Store>): void {
  describe(`at once contract: ${name}`, () => {
    let store: Store;

    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    it('records the decision and what stands together', async () => {
      const event = await store.atOnce(async ({ audit, catalogue }) => {
        await catalogue.saveService(spec(WEB), 1);
        return audit.append(entry({ key: 'a' }));
      });
      assert.deepEqual(await store.audit.list(), [event]);
      assert.deepEqual((await store.catalogue.service(WEB))?.spec, spec(WEB));
    });

    it('records nothing of what fails half-way', async () => {
      const failing = store.atOnce(async ({ audit, catalogue }) => {
        await audit.append(entry({ key: 'a' }));
        await catalogue.saveService(spec(WEB), 1);
        throw new Error('half-way');
      });
      await assert.rejects(failing, /half-way/);
      assert.deepEqual(await store.audit.list(), []);
      assert.equal(await store.catalogue.service(WEB), undefined);
    });

    it('sees what it has written itself, and a repeat of it changes nothing', async () => {
      const twice = () =>
        store.atOnce(async ({ audit }) => {
          await audit.append(entry({ key: 'a' }));
          await audit.append(entry({ key: 'b' }));
          return (await audit.list()).map(({ key }) => key);
        });
      assert.deepEqual(
        [await twice(), await twice()],
        [
          ['a', 'b'],
          ['a', 'b'],
        ],
      );
      assert.equal((await store.audit.verify()).ok, true);
    });

    it('goes on in one chain with those who append at the same time', async () => {
      const one = (key: string) => store.audit.append(entry({ key }));
      const two = (key: string) =>
        store.atOnce(async ({ audit }) => {
          await audit.append(entry({ key: `${key}-1` }));
          await audit.append(entry({ key: `${key}-2` }));
        });
      await Promise.all([one('a'), two('b'), one('c'), two('d')]);
      const verdict = await store.audit.verify();
      assert.deepEqual([verdict.ok, verdict.events], [true, 6]);
    });
  });
}
