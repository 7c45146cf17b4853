import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import type { Command } from '../../src/domain/service/requests.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { entry } from '../contract/audit-store.ts';
import { PASSWORD } from '../postgres/new-cluster.ts';
import { describeWithPostgres } from '../postgres/with-postgres.ts';
import { revision, spec } from '../workflow/samples.ts';

const MAIN = resolve('src/cli/main.ts');
const WEB = { name: 'web', environment: 'production' };
const AT = '2026-01-02T03:04:05.678Z';
const COMMAND: Command = {
  ...{ id: 'one', service: WEB, at: AT, asked: { kind: 'deploy', artifact: 'Grüße 🚀\0' } },
  change: { actor: 'ada', requestId: 'one' },
};
/** More than a page, and more than a batch. */
const EVENTS = 620;

async function supplant(cwd: string, ...args: string[]) {
  const { SUPPLANT_STORE: _store, SUPPLANT_DATA: _data, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...env, NO_COLOR: '1' } });
  const exit = new Promise<number | null>((done) => child.once('close', done));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, stdout, stderr };
}

/** Everything a store keeps, with text that databases and files trip over. */
async function fillStore(place: string): Promise<void> {
  const { audit, catalogue, close } = await openStore(place);
  for (let number = 1; number <= EVENTS; number += 1) {
    await audit.append(entry({ key: `e${number}`, reason: `Grüße 🚀\u2028\0␀${number}`, data: { body: '\0\r\n"' } }));
  }
  await catalogue.saveService(spec(WEB), 10);
  await catalogue.saveMarks(WEB, { pinned: [1], bad: [2] });
  for (const number of [1, 2]) {
    await catalogue.saveRevision(
      { ...revision(spec(WEB), number), state: 'live', since: AT, endpoints: [] },
      10 + number,
    );
    await catalogue.saveRollout({ service: WEB, number, kind: 'deploy', actor: 'ada', startedAt: AT, reason: 'a\0b' });
  }
  await catalogue.requests.save({ service: WEB, requestId: 'one', fingerprint: 'f', at: AT });
  await catalogue.commands.save(COMMAND);
  await catalogue.teardowns.save(WEB, {
    ...{ stack: 'web-production-r9', revision: 9, since: AT, attempts: 3, nextAttemptAt: AT, lastError: 'busy\0' },
  });
  await close();
}

async function contentOf(store: Store) {
  const { audit, catalogue } = store;
  return {
    verdict: await audit.verify(),
    events: await audit.list(),
    services: await catalogue.services(),
    revisions: await catalogue.revisions(WEB),
    rollouts: await catalogue.rollouts(WEB),
    requests: await catalogue.requests.latest(WEB, 10),
    command: await catalogue.commands.find(WEB, COMMAND.id),
    overview: await catalogue.overview(),
  };
}

async function read(place: string): ReturnType<typeof contentOf> {
  const store = await openStore(place, { readOnly: true });
  return contentOf(store).finally(store.close);
}

describe('supplant backup and restore', () => {
  let folder = '';
  let source = '';
  let good = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-backup-'));
    source = join(folder, '.supplant', 'supplant.sqlite');
    good = join(folder, 'good.jsonl');
    await fillStore(source);
    const { code, stdout, stderr } = await supplant(folder, 'backup', 'good.jsonl');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^Backed up 620 events and 1 service to good\.jsonl\.\nHead: [0-9a-f]{64}\n$/);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('brings everything back into an empty store, which goes on from there', async () => {
    const { code, stdout } = await supplant(
      folder,
      'restore',
      'good.jsonl',
      '--store',
      'copy/store.sqlite',
      '-o',
      'json',
    );
    assert.equal(code, 0);
    const copy = join(folder, 'copy/store.sqlite');
    const restored = await read(copy);
    assert.deepEqual(restored, await read(source));
    const { events, head } = JSON.parse(stdout) as { events: number; head: string };
    assert.deepEqual(restored.verdict, { ok: true, events, head });
    const { audit, close } = await openStore(copy);
    assert.equal(
      (await audit.append(entry({ key: 'e1', reason: 'Grüße 🚀\u2028\0␀1', data: { body: '\0\r\n"' } }))).seq,
      1,
    );
    assert.equal((await audit.append(entry({ key: 'new' }))).seq, EVENTS + 1);
    assert.equal((await audit.verify(head)).ok, true);
    await close();
  });

  it('is of one moment, while others append', async () => {
    const { audit, close } = await openStore(join(folder, 'busy.sqlite'));
    for (let number = 0; number < 300; number += 1) await audit.append(entry({ key: `b${number}` }));
    const state = { backingUp: true };
    const backup = supplant(folder, 'backup', 'busy.jsonl', '--store', 'busy.sqlite').finally(
      () => (state.backingUp = false),
    );
    let appended = 300;
    while (state.backingUp) {
      await audit.append(entry({ key: `b${appended++}` }));
      // SQLite answers at once: without this nothing else would ever come to its turn.
      await setImmediate();
    }
    assert.equal((await backup).code, 0);
    await close();
    assert.equal((await supplant(folder, 'restore', 'busy.jsonl', '--store', 'calm.sqlite')).code, 0);
    const { verdict } = await read(join(folder, 'calm.sqlite'));
    assert.ok(verdict.ok && verdict.events >= 300 && verdict.events <= appended, JSON.stringify(verdict));
  });

  it('never writes over a file, nor leaves half of one', async () => {
    const content = await readFile(good);
    const again = await supplant(folder, 'backup', 'good.jsonl');
    assert.deepEqual(
      [again.code, again.stderr.split('\n')[0]],
      [2, `error: ${good} exists already; name a file that does not`],
    );
    assert.deepEqual(await readFile(good), content);
    assert.equal((await stat(good)).mode & 0o777, 0o600);
    const nowhere = await supplant(folder, 'backup', 'none/at/all.jsonl');
    assert.match(nowhere.stderr, /there is no such folder; make it, or name another place/);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });

  it('is not made of nothing, nor of a chain that is broken', async () => {
    const none = await supplant(folder, 'backup', 'none.jsonl', '--store', 'none.sqlite');
    assert.deepEqual([none.code, none.stderr.includes('none.sqlite: it cannot be opened')], [1, true]);
    const unknown = await supplant(folder, 'backup', 'none.jsonl', '--store', 'mysql://ada:secret@host/db');
    assert.match(unknown.stderr, /a store at mysql:\/\/… is not known; name a file or postgres:\/\//);
    assert.doesNotMatch(unknown.stderr, /secret/);
    await assert.rejects(access(join(folder, 'none.jsonl')));
  });

  it('is not restored over anything', async () => {
    const { code, stderr } = await supplant(folder, 'restore', 'good.jsonl');
    assert.equal(code, 2);
    assert.match(stderr, /there is something in it already \(audit_events\); .* name another with --store/);
    assert.equal((await read(source)).verdict.events, EVENTS);
  });

  const lineOf = (content: string, number: number): string => content.split('\n')[number - 1]!;
  const replaced = (number: number, change: (line: string) => string) => (content: string) =>
    content
      .split('\n')
      .map((each, index) => (index === number - 1 ? change(each) : each))
      .join('\n');
  const dropped = (number: number) => (content: string) =>
    content
      .split('\n')
      .filter((_, index) => index !== number - 1)
      .join('\n');
  const last = EVENTS + 10;
  const broken: [string, (content: string) => string | Buffer, RegExp][] = [
    ['nothing in it', () => '', /it is empty; use another backup/],
    ['something else', () => 'apiVersion: supplant.dev/v1\n', /line 1 is not that of a backup/],
    [
      'another number in its header',
      replaced(1, (line) => line.replace('"events":620', '"events":619')),
      /line 1 is not as it was/,
    ],
    [
      'an event that was changed',
      replaced(300, (line) => line.replace('"ada"', '"eve"')),
      /line 300 .*line 299 was changed/,
    ],
    ['an event too few', dropped(300), /line 300 .*line 299 is missing: line 300 stands in its place/],
    [
      'two events swapped',
      (content) => replaced(5, () => lineOf(content, 6))(replaced(6, () => lineOf(content, 5))(content)),
      /line 5 /,
    ],
    [
      'a line that is not JSON',
      replaced(300, (line) => line.slice(1)),
      /line 300 is not as it was written: it is not JSON/,
    ],
    [
      'a row that was changed',
      replaced(EVENTS + 2, (line) => line.replace('npm:', 'NPM:')),
      /line 622 .*not that of its checksum/,
    ],
    ['a row too few', dropped(EVENTS + 3), new RegExp(`line ${last - 1} .*does not vouch for the lines before`)],
    ['a line more at its end', (content) => `${content}{}\n`, /something follows its last line/],
    [
      'its last line cut off',
      (content) => content.slice(0, content.lastIndexOf('\n', content.length - 2) + 1),
      new RegExp(`line ${last} .*cut off`),
    ],
    [
      'a byte missing at its end',
      (content) => content.slice(0, -1),
      new RegExp(`line ${last} .*the file was cut off in it`),
    ],
    [
      'its second half cut off',
      (content) => content.slice(0, content.length / 2),
      /line \d+ .*the file was cut off in it/,
    ],
    [
      'a byte flipped',
      (content) => {
        const bytes = Buffer.from(content);
        bytes[bytes.length >> 1]! ^= 0x80;
        return bytes;
      },
      /line \d+ /,
    ],
    ['a newer format', replaced(1, (line) => line.replace('"version":1', '"version":2')), /line 1 |newer Supplant/],
  ];
  for (const [what, change, said] of broken) {
    it(`is refused with ${what}, and nothing is written`, async () => {
      const name = `broken-${what.replaceAll(/\W/g, '-')}`;
      await writeFile(join(folder, `${name}.jsonl`), change(await readFile(good, 'utf8')));
      const { code, stderr } = await supplant(folder, 'restore', `${name}.jsonl`, '--store', `${name}.sqlite`);
      assert.equal(code, 2, stderr);
      assert.match(stderr, said);
      await assert.rejects(access(join(folder, `${name}.sqlite`)));
    });
  }

  it('says what is wrong with what is no file', async () => {
    await mkdir(join(folder, 'sub'));
    assert.match((await supplant(folder, 'restore', 'sub')).stderr, /sub is a folder; name a backup in it/);
    assert.match((await supplant(folder, 'restore', 'no.jsonl')).stderr, /there is no such file; name a backup/);
  });

  describeWithPostgres('with Postgres', (cluster) => {
    it('moves a store from SQLite to Postgres and back, and shows no password', async () => {
      const url = await cluster().createDatabase();
      const there = await supplant(folder, 'restore', 'good.jsonl', '--store', url);
      assert.equal(there.code, 0, there.stderr);
      assert.deepEqual(await read(url), await read(source));
      const again = await supplant(folder, 'restore', 'good.jsonl', '--store', url);
      const failed = await supplant(folder, 'backup', 'x.jsonl', '--store', `${url}x`);
      assert.match(again.stderr, /test_1: there is something in it already/);
      assert.match(failed.stderr, /there is no such database/);
      for (const { stdout, stderr } of [there, again, failed]) {
        assert.ok(![PASSWORD, encodeURIComponent(PASSWORD)].some((secret) => (stdout + stderr).includes(secret)));
      }
      assert.equal((await supplant(folder, 'backup', 'from-postgres.jsonl', '--store', url)).code, 0);
      assert.equal((await supplant(folder, 'restore', 'from-postgres.jsonl', '--store', 'back.sqlite')).code, 0);
      assert.deepEqual(await read(join(folder, 'back.sqlite')), await read(source));
    });
  });
});
