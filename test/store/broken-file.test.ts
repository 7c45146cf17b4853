import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import { AuditUnavailableError } from '../../src/store/audit/store.ts';
import { backUpStore, restoreStore } from '../../src/store/backup/commands.ts';
import { BackupError } from '../../src/store/backup/format.ts';
import { openStore } from '../../src/store/store.ts';
import { temporaryPath } from './audit/temporary-store.ts';
import { entry } from '../contract/audit-store.ts';

const PAGE = 4096;
const exec = promisify(execFile);

function unavailable(said: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AuditUnavailableError, String(error));
    assert.match(error.message, said);
    return true;
  };
}

async function fill(path: string, count = 200): Promise<void> {
  const { audit, close } = await openStore(path);
  for (let number = 1; number <= count; number += 1) await audit.append(entry({ key: `e${number}`, data: { number } }));
  await close();
}

describe('a store whose file is broken', () => {
  it('is refused to writers whichever page was overwritten, and a backup brings it back', async () => {
    await using place = await temporaryPath();
    await fill(place.path);
    await backUpStore(place.path, `${place.path}.backup`);
    const sound = await readFile(place.path);
    const pages = sound.length / PAGE;
    assert.ok(pages > 10);
    for (let page = 0; page < pages; page += 1) {
      const damaged = Buffer.from(sound);
      damaged.fill(0xa5, page * PAGE, (page + 1) * PAGE);
      await writeFile(place.path, damaged);
      await assert.rejects(
        openStore(place.path),
        unavailable(/it is damaged.*restore a backup: supplant restore FILE$|it is not a SQLite file; move it away/),
        `page ${page + 1}`,
      );
      assert.deepEqual(await readFile(place.path), damaged);
    }
    for (const end of ['', '-wal', '-shm']) await rm(`${place.path}${end}`, { force: true });
    await restoreStore(place.path, `${place.path}.backup`);
    assert.deepEqual(await readEvents(place.path), { ok: true, events: 200 });
  });

  it('that was cut off is refused, too', async () => {
    await using place = await temporaryPath();
    await fill(place.path);
    await truncate(place.path, (await stat(place.path)).size - 3 * PAGE);
    await assert.rejects(openStore(place.path), unavailable(/it is damaged/));
  });

  it('whose write-ahead log was cut off holds a sound beginning of the record, never half an event', async () => {
    await using place = await temporaryPath();
    const { audit, close } = await openStore(place.path);
    for (let number = 1; number <= 40; number += 1) await audit.append(entry({ key: `e${number}` }));
    const { size } = await stat(`${place.path}-wal`);
    const head = await audit.verify();
    assert.ok(head.ok);
    for (const kept of [size - 1, Math.floor(size / 2), 100, 0]) {
      const copy = join(dirname(place.path), `copy-${kept}`);
      await copyFile(place.path, copy);
      await copyFile(`${place.path}-wal`, `${copy}-wal`);
      await truncate(`${copy}-wal`, kept);
      const store = await openStore(copy);
      const verdict = await store.audit.verify();
      assert.ok(verdict.ok && verdict.events < 40, `${kept}: ${JSON.stringify(verdict)}`);
      // It is a noted head that tells.
      assert.equal((await store.audit.verify(head.head)).ok, false);
      await store.close();
    }
    await close();
  });

  it('takes nothing more from those who have it open once another is in its place', async () => {
    await using place = await temporaryPath();
    const { audit, catalogue, close } = await openStore(place.path);
    await audit.append(entry({ key: 'a' }));
    await rename(place.path, `${place.path}.away`);
    const said = /it was moved away or replaced while in use; end this process and start it again/;
    await assert.rejects(audit.append(entry({ key: 'b' })), unavailable(said));
    await writeFile(place.path, '');
    await assert.rejects(audit.append(entry({ key: 'b' })), unavailable(said));
    await assert.rejects(catalogue.services(), unavailable(said));
    await rename(`${place.path}.away`, place.path);
    assert.equal((await audit.append(entry({ key: 'b' }))).seq, 2);
    await close();
  });

  it('that breaks while it is open is reported, and nothing wrong is read', async () => {
    await using place = await temporaryPath();
    await fill(place.path);
    const { audit, close } = await openStore(place.path);
    await audit.append(entry({ key: 'before' }));
    const damaged = await readFile(place.path);
    damaged.fill(0xa5, PAGE);
    await writeFile(place.path, damaged);
    // Another process's view, which has nothing of the file in its memory.
    await assert.rejects(
      openStore(place.path, { readOnly: true }).then((other) => other.audit.verify().finally(other.close)),
      unavailable(/it is damaged/),
    );
    // This one may have; if not, it says so.
    await audit.append(entry({ key: 'after' })).catch((error: unknown) => {
      assert.ok(unavailable(/it is damaged/)(error));
    });
    await close();
  });
});

async function readEvents(path: string): Promise<{ ok: boolean; events: number }> {
  const { audit, close } = await openStore(path, { readOnly: true });
  const { ok, events } = await audit.verify().finally(close);
  return { ok, events };
}

/** A small disk of its own; undefined where none may be mounted. */
async function smallDisk(
  folder: string,
): Promise<({ remount(how: string): Promise<unknown> } & AsyncDisposable) | undefined> {
  await mkdir(folder, { recursive: true });
  try {
    await exec('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
  } catch {
    return undefined;
  }
  return {
    remount: (how) => exec('mount', ['-o', `remount,${how}`, folder]),
    [Symbol.asyncDispose]: async () => {
      await exec('umount', ['-l', folder]);
    },
  };
}

describe('a store whose disk is full', () => {
  it('says so, has nothing half-written, and goes on when there is room', async function () {
    await using place = await temporaryPath();
    await using disk = await smallDisk(dirname(place.path));
    if (!disk) return this.skip();
    const ballast = join(dirname(place.path), 'ballast');
    await writeFile(ballast, Buffer.alloc(400 * 1024));
    const { audit, close } = await openStore(place.path);
    let appended = 0;
    const fillUp = async (): Promise<void> => {
      for (;;) {
        await audit.append(entry({ key: `e${appended + 1}`, data: { evidence: 'x'.repeat(2000) } }));
        appended += 1;
      }
    };
    const full = unavailable(/store\.db: the disk is full; nothing was recorded; make room, then try again/);
    await assert.rejects(fillUp(), full);
    assert.ok(appended > 0);
    await assert.rejects(fillUp(), full);
    await assert.rejects(backUpStore(place.path, `${place.path}.backup`), (error) => {
      assert.ok(error instanceof BackupError, String(error));
      return error.message.includes('backup: the disk is full; nothing was left there');
    });
    assert.deepEqual(await readEvents(place.path), { ok: true, events: appended });
    await rm(ballast);
    const event = await audit.append(entry({ key: `e${appended + 1}`, data: { evidence: 'x'.repeat(2000) } }));
    assert.equal(event.seq, appended + 1);
    await close();
    assert.deepEqual(await readEvents(place.path), { ok: true, events: appended + 1 });
  });

  it('or is read-only, is refused to writers', async function () {
    await using place = await temporaryPath();
    await using disk = await smallDisk(dirname(place.path));
    if (!disk) return this.skip();
    await fill(place.path, 3);
    await disk.remount('ro');
    await assert.rejects(openStore(place.path), unavailable(/it cannot be (written|opened); check/));
    await disk.remount('rw');
    assert.deepEqual(await readEvents(place.path), { ok: true, events: 3 });
  });
});
