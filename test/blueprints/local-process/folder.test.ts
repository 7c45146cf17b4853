import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CopyProgress, watchForStandstill } from '../../../blueprints/local-process/copy-progress.ts';
import { FolderCopies } from '../../../blueprints/local-process/folder-copies.ts';
import { copyAndDigest } from '../../../blueprints/local-process/folder-copy.ts';
import { FolderFaults } from '../../../blueprints/local-process/folder-entries.ts';
import { copyFolder } from '../../../blueprints/local-process/folder-work.ts';
import { foldersDir } from '../../../blueprints/local-process/layout.ts';
import { UnfinishedError } from '../../../src/stacks/blueprint.ts';

const unheard = new CopyProgress();

describe('a folder that is deployed', () => {
  let root: string;
  let app: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'supplant-folder-')));
    app = join(root, 'app');
    mkdirSync(join(app, 'sub'), { recursive: true });
    writeFileSync(join(app, 'main.mjs'), 'main');
    writeFileSync(join(app, 'sub', 'part.mjs'), 'part');
    mkdirSync(join(root, 'beside'));
    writeFileSync(join(root, 'beside', 'shared.txt'), 'shared');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  let copies = 0;
  const digestOf = (folder: string, limits?: { entries: number; bytes: number }): string =>
    copyAndDigest(folder, join(root, `copy-${(copies += 1)}`), unheard, limits);

  const faultsOf = (limits?: { entries: number; bytes: number }): readonly string[] => {
    try {
      digestOf(app, limits);
    } catch (error) {
      assert.ok(error instanceof FolderFaults, String(error));
      return error.faults;
    }
    return [];
  };

  it('has the digest of its copy, and of the copy of that', async () => {
    symlinkSync('sub/part.mjs', join(app, 'link'));
    symlinkSync(join(root, 'beside', 'shared.txt'), join(app, 'outward'));
    chmodSync(join(app, 'main.mjs'), 0o500);
    const digest = digestOf(app);
    assert.equal(await copyFolder(app, join(root, 'one')), digest);
    assert.equal(await copyFolder(join(root, 'one'), join(root, 'two')), digest);
    assert.equal(readFileSync(join(root, 'two', 'outward'), 'utf8'), 'shared');
  });

  const changes: [string, (app: string) => void][] = [
    ['a content', (at) => writeFileSync(join(at, 'main.mjs'), 'Main')],
    ['a name', (at) => writeFileSync(join(at, 'more.mjs'), '')],
    ['an executable bit', (at) => chmodSync(join(at, 'main.mjs'), 0o755)],
    ['an empty folder', (at) => mkdirSync(join(at, 'uploads'))],
    ['a link', (at) => symlinkSync('main.mjs', join(at, 'link'))],
  ];
  for (const [what, make] of changes) {
    it(`has another digest with ${what} changed`, () => {
      const before = digestOf(app);
      make(app);
      assert.notEqual(digestOf(app), before);
    });
  }

  const kept: { what: string; target: (root: string) => string; at?: string; copied: string }[] = [
    { what: 'a relative one to a file', target: () => 'sub/part.mjs', copied: 'sub/part.mjs' },
    { what: 'a relative one to a folder', target: () => '..', at: 'sub/up', copied: '..' },
    { what: 'one that leads nowhere, inside', target: () => 'not/there', copied: 'not/there' },
    { what: 'an absolute one that leads inside', target: (at) => join(at, 'app/main.mjs'), copied: 'main.mjs' },
    { what: 'an absolute one from below', target: (at) => join(at, 'app'), at: 'sub/top', copied: '..' },
    { what: 'an absolute one that leads nowhere, inside', target: (at) => join(at, 'app/no'), copied: 'no' },
    { what: 'one that leaves and comes back', target: () => '../app/main.mjs', copied: 'main.mjs' },
    { what: 'one to itself', target: () => 'link', copied: 'link' },
  ];
  for (const { what, target, at = 'link', copied } of kept) {
    it(`keeps a link: ${what}`, () => {
      symlinkSync(target(root), join(app, at));
      copyAndDigest(app, join(root, 'copy'), unheard);
      assert.equal(readlinkSync(join(root, 'copy', at)), copied);
    });
  }

  it('takes what a link to a file outside leads to, as it is now', () => {
    symlinkSync(join(root, 'beside', 'shared.txt'), join(app, 'absolute'));
    symlinkSync('../beside/shared.txt', join(app, 'relative'));
    const before = copyAndDigest(app, join(root, 'copy'), unheard);
    writeFileSync(join(root, 'beside', 'shared.txt'), 'changed');
    assert.equal(readFileSync(join(root, 'copy', 'absolute'), 'utf8'), 'shared');
    assert.equal(readFileSync(join(root, 'copy', 'relative'), 'utf8'), 'shared');
    assert.notEqual(digestOf(app), before);
  });

  const refusedLinks: [string, (root: string) => string, RegExp][] = [
    [
      'an absolute one to a folder outside',
      (at) => join(at, 'beside'),
      /app\/link is a link out of .* to .*beside, a folder, which is not copied; put a copy/,
    ],
    ['a relative one to a folder outside', () => '../beside', /app\/link is a link out of .* a folder/],
    ['one to a folder that holds this one', () => '../..', /app\/link is a link out of .* a folder/],
    [
      'one that leads nowhere, outside',
      () => '../not/there',
      /app\/link is a link out of the folder to .*, where nothing is/,
    ],
    [
      'one to a device',
      () => '/dev/null',
      /app\/link is a link out of the folder to \/dev\/null, a device, which is not/,
    ],
    [
      'one to a file that the kernel makes',
      () => '/proc/version',
      /app\/link .* a file that the kernel makes, which is not/,
    ],
  ];
  for (const [what, target, fault] of refusedLinks) {
    it(`refuses a link: ${what}`, () => {
      symlinkSync(target(root), join(app, 'link'));
      const faults = faultsOf();
      assert.equal(faults.length, 1);
      assert.match(faults[0] ?? '', fault);
    });
  }

  it('refuses a link that leaves by way of another one', () => {
    mkdirSync(join(app, 'deep', 'er'), { recursive: true });
    symlinkSync('../..', join(app, 'deep', 'er', 'top'));
    symlinkSync('deep/er/top/../beside', join(app, 'link'));
    assert.match(faultsOf().join(), /app\/link is a link out of the folder to .*beside, a folder/);
  });

  it('refuses pipes and sockets by name', async () => {
    execFileSync('mkfifo', [join(app, 'pipe')]);
    const server = createServer().listen(join(app, 'sub', 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      const faults = [...faultsOf()].sort();
      assert.match(faults[0] ?? '', /app\/pipe is a named pipe, which cannot be copied/);
      assert.match(faults[1] ?? '', /app\/sub\/socket is a socket, which cannot be copied/);
    } finally {
      server.close();
    }
  });

  it('refuses names that are not UTF-8, legibly', () => {
    writeFileSync(Buffer.concat([Buffer.from(`${app}/caf`), Buffer.from([0xe9])]), 'x');
    assert.match(faultsOf().join(), /app\/caf\\xe9 has a name that is not UTF-8; rename it/);
  });

  it('takes names with #, spaces, quotes and line breaks', async () => {
    const odd = join(root, 'C# "x"\n');
    mkdirSync(odd);
    writeFileSync(join(odd, "it's #1"), 'x');
    assert.equal(await copyFolder(odd, join(root, 'copy')), digestOf(odd));
  });

  it('is bounded in number and bytes, and says so', () => {
    assert.match(
      faultsOf({ entries: 2, bytes: 100 }).join(),
      /app holds more than 2 files: a folder to deploy may hold/,
    );
    assert.match(faultsOf({ entries: 9, bytes: 7 }).join(), /app holds more than .* MiB/);
    assert.deepEqual(faultsOf({ entries: 3, bytes: 8 }), []);
  });

  it('is refused where the kernel makes it, at once', async () => {
    await assert.rejects(copyFolder('/proc', join(root, 'copy')), /\/proc is made by the kernel/);
  });

  describe('that takes longer than a request', () => {
    let dataDir: string;
    let copies: FolderCopies;
    beforeEach(() => {
      dataDir = join(root, 'data');
      copies = new FolderCopies(dataDir);
      for (let index = 0; index < 2_000; index += 1) writeFileSync(join(app, `f${index}`), `${index}`);
    });
    afterEach(() => copies.close());

    /** What a request is told that has to be answered at once. */
    const told = async (request?: string, folder = app): Promise<string> => {
      const asked = { signal: AbortSignal.abort(), ...(request === undefined ? {} : { request }) };
      const error: unknown = await copies.keep(folder, asked).then(
        () => assert.fail('no copy is that quick'),
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof UnfinishedError, String(error));
      return error.message;
    };
    const finished = (request: string, folder = app): Promise<string> =>
      copies.keep(folder, { signal: new AbortController().signal, request });
    const left = (): Promise<string[]> => readdir(foldersDir(dataDir)).catch(() => []);

    it('goes on for the next of its kind, and says how far it is', async () => {
      assert.match(
        await told('one'),
        /app is being copied: [\d,]+ (names were read|files and \d+ MiB were copied) so far/,
      );
      const digest = await finished('one');
      assert.deepEqual(await left(), [digest]);
    });

    it('is the folder as it was when it was asked for, in each request', async () => {
      const before = await finished('one');
      writeFileSync(join(app, 'main.mjs'), 'changed');
      assert.equal(await finished('one'), before);
      assert.notEqual(await finished('two'), before);
    });

    it('is looked at anew once its faults were told', async () => {
      symlinkSync('/nowhere/at/all', join(app, 'link'));
      await assert.rejects(finished('one'), /a link out of the folder/);
      rmSync(join(app, 'link'));
      assert.match(await finished('one'), /^[0-9a-f]{64}$/);
    });

    it('is given up when nobody asks any more, and nothing of it is left', async () => {
      copies = new FolderCopies(dataDir, 0);
      await told('one');
      await told();
      while (copies.running > 0) await setTimeout(5);
      assert.deepEqual(await left(), []);
      const digest = await finished('one');
      assert.deepEqual(await left(), [digest]);
    });

    it('waits for others where there are many', async () => {
      const answers = await Promise.all(['1', '2', '3', '4', '5'].map((request) => told(request)));
      assert.match(answers[4] ?? '', /app waits until other folders are copied/);
      const all = await Promise.all(['1', '2', '3', '4', '5'].map((request) => finished(request)));
      assert.equal(new Set(all).size, 1);
    });
  });

  it('is given up where nothing goes on any more, and only there', async () => {
    const [advancing, standing] = [new CopyProgress(), new CopyProgress()];
    using watched = watchForStandstill(advancing, 1_000);
    const moving = setInterval(() => advancing.add('bytes'), 1);
    try {
      using still = watchForStandstill(standing, 1_000);
      await new Promise((resolve) => still.signal.addEventListener('abort', resolve, { once: true }));
      assert.equal(watched.signal.aborted, false);
    } finally {
      clearInterval(moving);
    }
    const given = copyFolder(app, join(root, 'copy'), { stillMs: 0 });
    await assert.rejects(given, /app could not be read on for 0 s: .*, then nothing; does its disk/);
  });

  it('is refused by name where it cannot be read', function () {
    // Whoever may read everything has to be somebody else for it.
    if (process.getuid?.() !== 0) {
      chmodSync(join(app, 'sub'), 0);
      assert.match(faultsOf().join(), /app\/sub cannot be read by the worker's user/);
      return;
    }
    chmodSync(root, 0o755);
    chmodSync(join(app, 'sub'), 0o700);
    process.seteuid?.(65_534);
    try {
      assert.match(faultsOf().join(), /app\/sub cannot be read by the worker's user/);
    } finally {
      process.seteuid?.(0);
    }
  });
});
