import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { BundleCache } from '../../src/temporal/bundle-cache.ts';

const [FIRST, SECOND] = ['a'.repeat(64), 'b'.repeat(64)] as const;

describe('BundleCache', () => {
  let root: string;
  let folder: string;
  let cache: BundleCache;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'supplant-cache-'));
    folder = join(root, 'cache');
    cache = new BundleCache(folder);
  });
  afterEach(() => rm(root, { recursive: true }));

  const theFile = async (): Promise<string> => join(folder, (await readdir(folder))[0] ?? '');

  it('gives back what it keeps, to whoever has the same sources', async () => {
    await cache.keep(FIRST, { code: 'one\ntwo' });
    assert.deepEqual(await new BundleCache(folder).read(FIRST), { code: 'one\ntwo' });
    assert.equal(await cache.read(SECOND), undefined);
  });

  it('keeps one only, and leaves what is not its own', async () => {
    await cache.keep(FIRST, { code: 'one' });
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await cache.keep(SECOND, { code: 'two' });
    assert.deepEqual((await readdir(folder)).toSorted(), ['notes.txt', `workflows-${SECOND}.js`]);
  });

  for (const [what, damage] of [
    ['cut off', (text: string) => text.slice(0, -1)],
    ['changed', (text: string) => text.replace('one', 'two')],
    ['empty', () => ''],
  ] as const) {
    it(`takes no notice of a file that is ${what}`, async () => {
      await cache.keep(FIRST, { code: 'one' });
      const path = await theFile();
      await writeFile(path, damage(await readFile(path, 'utf8')));
      assert.equal(await cache.read(FIRST), undefined);
    });
  }
});
