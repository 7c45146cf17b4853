import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { SharedLooks } from '../../src/gateway/shared-looks.ts';

describe('looks that are shared', () => {
  /** Looks that end when they are told to. */
  function looking() {
    const looks = new SharedLooks<number>();
    const begun: PromiseWithResolvers<number>[] = [];
    const look = (key = 'web') =>
      looks.look(key, () => {
        const one = Promise.withResolvers<number>();
        begun.push(one);
        return one.promise;
      });
    return { look, begun };
  }

  it('begin after each who shares them has asked, one at a time', async () => {
    const { look, begun } = looking();
    const [first, second, third] = [look(), look(), look()];
    assert.equal(begun.length, 1);
    begun[0]!.resolve(1);
    assert.equal(await first, 1);
    const fourth = look();
    assert.equal(begun.length, 2);
    begun[1]!.resolve(2);
    assert.deepEqual(await Promise.all([second, third]), [2, 2]);
    begun[2]!.resolve(3);
    assert.equal(await fourth, 3);
  });

  it('are not spoiled by one before that failed, nor held up by those for something else', async () => {
    const { look, begun } = looking();
    const [first, second, other] = [look(), look(), look('api')];
    begun[0]!.reject(new Error('gone'));
    await assert.rejects(first, /gone/);
    begun[1]!.resolve(7);
    assert.equal(await other, 7);
    begun[2]!.resolve(2);
    assert.equal(await second, 2);
  });

  it('wait for others who want the same, and are made anew for who asks after they began', async () => {
    const shared = new SharedLooks<number>(20);
    let looks = 0;
    const gate = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const look = async (): Promise<number> => {
      looks += 1;
      begun.resolve(undefined);
      await gate.promise;
      return looks;
    };
    const [one, two] = [shared.look('a', look), shared.look('a', look)];
    await begun.promise;
    const late = shared.look('a', async () => 7);
    gate.resolve(undefined);
    assert.deepEqual(await Promise.all([one, two, late]), [1, 1, 7]);
  });
});
