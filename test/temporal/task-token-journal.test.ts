import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TaskTokenJournal, findAbandoned } from '../../src/temporal/task-token-journal.ts';

const SOURCE = fileURLToPath(new URL('../../src/temporal/task-token-journal.ts', import.meta.url));
/** Has two things in hand, a third no more. */
const OTHER = `
  const { TaskTokenJournal } = await import(process.argv[1]);
  const hand = TaskTokenJournal.begin(process.argv[2]);
  for (const token of ['one', 'two']) hand.take(Buffer.from(token));
  hand.take(Buffer.from('three'))[Symbol.dispose]();
  console.log('ready');
  setInterval(() => undefined, 1000);
`;

describe('what a worker has in hand', () => {
  let folder: string;
  let others: ChildProcess[] = [];

  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'supplant-in-hand-'))));
  afterEach(async () => {
    for (const other of others) other.kill('SIGKILL');
    others = [];
    await rm(folder, { recursive: true, force: true });
  });

  async function startOther(): Promise<ChildProcess> {
    const args = ['--input-type=module', '-e', OTHER, SOURCE, folder];
    const other = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    others.push(other);
    await once(other.stdout, 'data');
    return other;
  }

  const told = (): string[][] =>
    findAbandoned(folder).map(({ tokens }) => tokens.map((token) => Buffer.from(token).toString()).sort());

  it('can be answered by another once it was killed, until it is forgotten', async () => {
    const other = await startOther();
    assert.deepEqual(told(), []);
    other.kill('SIGKILL');
    await once(other, 'exit');
    assert.deepEqual(told(), [['one', 'two']]);
    for (const each of findAbandoned(folder)) each.forget();
    assert.deepEqual(told(), []);
    assert.deepEqual(await readdir(folder), []);
  });

  it('is its own while it is stopped', async () => {
    const other = await startOther();
    other.kill('SIGSTOP');
    assert.deepEqual(told(), []);
  });

  it('leaves nothing when it ends in order', async () => {
    const hand = TaskTokenJournal.begin(folder);
    hand.take(Buffer.from('one'));
    assert.equal((await readdir(folder)).length, 1);
    hand[Symbol.dispose]();
    assert.deepEqual(await readdir(folder), []);
  });

  it('of another container or from before a restart is nobody else’s to judge, and goes after a week', async () => {
    const old = join(folder, '1-old');
    await mkdir(old);
    await writeFile(join(old, 'owner.json'), JSON.stringify({ pid: 1, started: 'x/1', space: 'x/pid:[1]' }));
    await writeFile(join(old, '1'), 'one');
    assert.deepEqual(told(), []);
    assert.deepEqual(await readdir(folder), ['1-old']);
    const before = new Date(Date.now() - 8 * 24 * 3_600_000);
    await utimes(old, before, before);
    assert.deepEqual(told(), []);
    assert.deepEqual(await readdir(folder), []);
  });

  it('is not noted where that is not possible, which is no error', async () => {
    const place = join(folder, 'file');
    await writeFile(place, '');
    using hand = TaskTokenJournal.begin(join(place, 'workers'));
    hand.take(Buffer.from('one'))[Symbol.dispose]();
    assert.deepEqual(findAbandoned(join(place, 'workers')), []);
  });
});
