import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
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

  it('keeps the latest four, and leaves what is not its own', async () => {
    await mkdir(folder);
    await writeFile(join(folder, 'notes.txt'), 'mine');
    const digests = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => letter.repeat(64));
    for (const [age, digest] of digests.entries()) {
      await cache.keep(digest, { code: digest });
      const at = new Date(2026, 0, 1 + age);
      await utimes(join(folder, `workflows-${digest}.js`), at, at);
    }
    const kept = digests.slice(-4).map((digest) => `workflows-${digest}.js`);
    assert.deepEqual((await readdir(folder)).toSorted(), ['notes.txt', ...kept]);
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
