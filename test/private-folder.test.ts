import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { resolveDataFolder } from '../src/data-folder.ts';
import { makePrivate } from '../src/private-folder.ts';

describe('a data folder', () => {
  let base: string;
  beforeEach(async () => (base = await mkdtemp(join(tmpdir(), 'supplant-private-'))));
  afterEach(() => rm(base, { recursive: true }));

  const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o7777).toString(8);

  /** A folder that everybody may do everything in, with these files. */
  async function opened(mode: number, ...files: string[]): Promise<string> {
    const root = join(base, 'data');
    await mkdir(root);
    for (const file of files) {
      await writeFile(join(root, file), '');
      await chmod(join(root, file), 0o666);
    }
    await chmod(root, mode);
    return root;
  }

  it('is made for its owner alone, below folders that are made for it', async () => {
    const root = join(base, 'new', 'data');
    await makePrivate(resolveDataFolder(root));
    assert.equal(await modeOf(root), '700');
  });

  it('is shut to others where it was open: an empty one, and one of an earlier version with its stores', async () => {
    for (const files of [[], ['supplant.sqlite', 'supplant.sqlite-wal', 'temporal.sqlite', 'dev.json']]) {
      const root = await opened(0o777, ...files);
      await makePrivate(resolveDataFolder(root));
      assert.equal(await modeOf(root), '700');
      for (const file of files.filter((each) => each !== 'dev.json'))
        assert.equal(await modeOf(join(root, file)), '600');
      await rm(root, { recursive: true });
    }
  });

  it('is not made of a folder that is for other things, which stays as it is', async () => {
    for (const [mode, files] of [
      [0o755, ['letters.txt']],
      [0o1777, []],
      [0o1777, ['dev.json']],
    ] as const) {
      const root = await opened(mode, ...files);
      await assert.rejects(makePrivate(resolveDataFolder(root)), {
        name: 'ApiError',
        reason: 'INVALID',
        suggestion: /name a folder that is for Supplant alone, such as .*\/data\/supplant/,
      });
      assert.equal(await modeOf(root), mode.toString(8));
      await rm(root, { recursive: true });
    }
  });

  it('may hold other things where nobody else gets in', async () => {
    const root = await opened(0o700, 'letters.txt');
    await makePrivate(resolveDataFolder(root));
    assert.equal(await modeOf(root), '700');
  });

  it('has its socket elsewhere where its path is too long for one, in a folder that is as private', async () => {
    const short = resolveDataFolder(join(base, 'data'));
    assert.equal(short.routerSocket, join(short.root, 'router.sock'));
    const folder = resolveDataFolder(join(base, 'long'.repeat(40)));
    assert.ok(Buffer.byteLength(folder.routerSocket) <= 103, folder.routerSocket);
    await makePrivate(folder);
    assert.equal(await modeOf(dirname(folder.routerSocket)), '700');
  });

  it('cannot be a file, or below one', async () => {
    await writeFile(join(base, 'file'), '');
    for (const path of ['file', 'file/data']) {
      await assert.rejects(makePrivate(resolveDataFolder(join(base, path))), {
        reason: 'INVALID',
        message: /cannot be the data folder/,
      });
    }
  });
});
