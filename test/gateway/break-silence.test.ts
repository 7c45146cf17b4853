import assert from 'node:assert/strict';
import { breakSilence } from '../../src/gateway/watch/break-silence.ts';

describe('the silence of a stream', () => {
  it('is broken as often as it lasts too long, and nothing is lost meanwhile', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    async function* slow(): AsyncGenerator<{ item: number }> {
      yield { item: 1 };
      await promise;
      yield { item: 2 };
    }
    const seen: (number | undefined)[] = [];
    for await (const found of breakSilence(slow(), 5)) {
      seen.push(found?.item);
      if (seen.filter((item) => item === undefined).length === 2) resolve(undefined);
    }
    assert.equal(seen[0], 1);
    assert.equal(seen.at(-1), 2);
    assert.ok(seen.slice(1, -1).every((item) => item === undefined) && seen.length >= 4, seen.join());
  });

  it('ends with the stream, and passes on what it fails with', async () => {
    async function* failing(): AsyncGenerator<{ item: number }> {
      yield { item: 1 };
      throw new Error('lost');
    }
    const seen: unknown[] = [];
    await assert.rejects(async () => {
      for await (const found of breakSilence(failing(), 1_000)) seen.push(found);
    }, /lost/);
    assert.deepEqual(seen, [{ item: 1 }]);
  });
});
