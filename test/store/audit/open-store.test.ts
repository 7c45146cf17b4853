import assert from 'node:assert/strict';
import { access, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { describe, it } from 'mocha';
import { AuditUnavailableError } from '../../../src/store/audit/store.ts';
import { openStore } from '../../../src/store/store.ts';
import { entry } from '../../contract/audit-store.ts';
import { temporaryPath } from './temporary-store.ts';

function unavailable(said: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AuditUnavailableError, String(error));
    assert.match(error.message, said);
    return true;
  };
}

async function storeWith(path: string, ...keys: string[]): Promise<void> {
  const { audit, close } = await openStore(path);
  for (const key of keys) await audit.append(entry({ key }));
  await close();
}

async function makeFile(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

describe('opening a store', () => {
  it('creates file and folders, and finds everything again', async () => {
    await using place = await temporaryPath();
    await storeWith(place.path, 'a', 'b');
    await storeWith(place.path, 'b', 'c');
    const { audit, close } = await openStore(place.path);
    const verdict = await audit.verify();
    await close();
    assert.deepEqual([verdict.ok, verdict.events], [true, 3]);
  });

  it('begins in an empty file, as a crash while creating one leaves it', async () => {
    await using place = await temporaryPath();
    await makeFile(place.path, '');
    await storeWith(place.path, 'a');
  });

  it('keeps a write-ahead log, so that readers and a writer do not wait for each other', async () => {
    await using place = await temporaryPath();
    await storeWith(place.path, 'a');
    const database = new DatabaseSync(place.path);
    assert.deepEqual({ ...database.prepare('pragma journal_mode').get() }, { journal_mode: 'wal' });
    database.close();
  });

  const unusable: [string, string | Uint8Array][] = [
    ['text', 'not a database\n'.repeat(100)],
    ['noise', Buffer.from(Array.from({ length: 9000 }, (_, index) => (index * 7919) % 251))],
    ['half a header', 'SQLite form'],
  ];
  for (const [what, content] of unusable) {
    it(`refuses a file of ${what} and leaves it as it is`, async () => {
      await using place = await temporaryPath();
      await makeFile(place.path, content);
      await assert.rejects(
        openStore(place.path),
        unavailable(/store\.db: it is not a SQLite file; move it away or name/),
      );
      assert.deepEqual(await readFile(place.path), Buffer.from(content));
    });
  }

  it('refuses a damaged file and leaves it as it is', async () => {
    await using place = await temporaryPath();
    await storeWith(place.path, 'a');
    const damaged = await readFile(place.path);
    damaged.fill(0xff, 100, 4096);
    await writeFile(place.path, damaged);
    await assert.rejects(openStore(place.path), unavailable(/it is damaged.*restore a backup: supplant restore FILE/));
    assert.deepEqual(await readFile(place.path), damaged);
  });

  it('says so when a part it comes to later is damaged', async () => {
    await using place = await temporaryPath();
    await storeWith(place.path, 'a');
    const size = (await readFile(place.path)).length;
    const file = await open(place.path, 'r+');
    await file.write(Buffer.alloc(size - 4096, 0xff), 0, size - 4096, 4096);
    await file.close();
    await assert.rejects(
      openStore(place.path).then(({ audit, close }) => audit.verify().finally(close)),
      unavailable(/it is damaged/),
    );
  });

  it("refuses another program's database and leaves it as it is", async () => {
    await using place = await temporaryPath();
    await makeFile(place.path, '');
    const other = new DatabaseSync(place.path);
    other.exec('create table holidays (day text)');
    other.close();
    const content = await readFile(place.path);
    await assert.rejects(openStore(place.path), unavailable(/it holds another program's data; name another path/));
    assert.deepEqual(await readFile(place.path), content);
  });

  for (const readOnly of [false, true]) {
    it(`refuses what a newer version wrote and leaves it as it is (readOnly: ${readOnly})`, async () => {
      await using place = await temporaryPath();
      await storeWith(place.path, 'a');
      const newer = new DatabaseSync(place.path);
      newer.exec(`insert into kysely_migration values ('0999-from-the-future', '2030-01-01T00:00:00.000Z')`);
      newer.close();
      const content = await readFile(place.path);
      const said = /written by a newer Supplant \(schema step 0999-from-the-future\); use that version or a newer one/;
      await assert.rejects(openStore(place.path, { readOnly }), unavailable(said));
      assert.deepEqual(await readFile(place.path), content);
    });
  }

  it('refuses a path that cannot be a folder or a file', async () => {
    await using place = await temporaryPath();
    await makeFile(place.path, '');
    const said = /the folder cannot be created; name another path/;
    await assert.rejects(openStore(join(place.path, 'below', 'store.db')), unavailable(said));
    await assert.rejects(openStore(dirname(place.path)), unavailable(/it cannot be opened; check that/));
  });

  it('waits for another writer to end, while its own process goes on', async () => {
    await using place = await temporaryPath();
    const { audit, close } = await openStore(place.path);
    const writer = new DatabaseSync(place.path);
    writer.exec('begin immediate');
    const appending = audit.append(entry({ key: 'a' }));
    await setTimeout(20);
    // Reached only because waiting does not stop this process.
    writer.exec('rollback');
    writer.close();
    assert.equal((await appending).seq, 1);
    await close();
  });

  it('says what is in the way when another writer does not end, and goes on once it has', async () => {
    await using place = await temporaryPath();
    await storeWith(place.path, 'a');
    const { audit, close } = await openStore(place.path, { patienceMs: 50 });
    const writer = new DatabaseSync(place.path);
    writer.exec('begin immediate');
    await assert.rejects(
      audit.append(entry({ key: 'b' })),
      unavailable(/another process has been writing to it for too long/),
    );
    assert.equal((await audit.list()).length, 1);
    writer.exec('rollback');
    writer.close();
    assert.equal((await audit.append(entry({ key: 'b' }))).seq, 2);
    await close();
  });
});

describe('opening a store to read only', () => {
  it('reads while another writes, and cannot write', async () => {
    await using place = await temporaryPath();
    const writing = await openStore(place.path);
    await writing.audit.append(entry({ key: 'a' }));
    const reading = await openStore(place.path, { readOnly: true });
    assert.equal((await reading.audit.list()).length, 1);
    await writing.audit.append(entry({ key: 'b' }));
    assert.equal((await reading.audit.verify()).events, 2);
    await assert.rejects(reading.audit.append(entry({ key: 'c' })), unavailable(/it cannot be written/));
    await assert.rejects(
      reading.catalogue.removeService({ name: 'a', environment: 'b' }, '', 1),
      AuditUnavailableError,
    );
    await reading.close();
    await writing.close();
  });

  it('creates nothing where there is nothing', async () => {
    await using place = await temporaryPath();
    await assert.rejects(openStore(place.path, { readOnly: true }), unavailable(/it cannot be opened/));
    await assert.rejects(access(dirname(place.path)));
    await makeFile(place.path, '');
    await assert.rejects(openStore(place.path, { readOnly: true }), unavailable(/nothing has been recorded there/));
  });
});
