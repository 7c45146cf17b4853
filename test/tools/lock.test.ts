import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MODULE = new URL('../../tools/setup/lock.mjs', import.meta.url).href;

/** Writes `in NAME` when it has the lock; then `out NAME` and goes, or stays until it is killed. */
const holder = (folder: string, name: string, stays: boolean) => `
  import { appendFileSync } from 'node:fs';
  import { withLock } from '${MODULE}';
  const tell = (text) => appendFileSync('${folder}/log', text + ' ${name}\\n');
  await withLock('${folder}/lock', (who) => console.log('waits for ' + who), async () => {
    tell('in');
    console.log('in');
    await new Promise((go) => setTimeout(go, ${stays ? 600_000 : 5}));
    tell('out');
  });`;

describe('the set-up lock', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'supplant-lock-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const start = (name: string, stays = false) =>
    spawn(process.execPath, ['--input-type=module', '--eval', holder(folder, name, stays)]);
  const log = () => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');

  it('lets one in at a time', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(names.map((name) => once(start(name), 'exit')));
    const lines = log();
    assert.equal(lines.length, 2 * names.length);
    for (let index = 0; index < lines.length; index += 2) {
      assert.equal(lines[index]!.replace('in ', ''), lines[index + 1]!.replace('out ', ''), lines.join(', '));
    }
    assert.deepEqual(readdirSync(folder).sort(), ['lock', 'log']);
  });

  it('keeps everybody out while its holder lives, and lets one in when the holder is dead', async () => {
    const first = start('first', true);
    await once(first.stdout, 'data');
    const others = [start('second'), start('third')];
    const told = await Promise.all(others.map(async ({ stdout }) => String((await once(stdout, 'data'))[0])));
    for (const line of told) assert.match(line, new RegExp(`^waits for process ${first.pid} on `));
    const ended = others.map((other) => once(other, 'exit'));
    assert.deepEqual(log(), ['in first']);
    first.kill('SIGKILL');
    await Promise.all(ended);
    assert.equal(log().length, 5);
  });

  it('does not take a holder for alive because its number was given to another process', async () => {
    const first = start('first', true);
    await once(first.stdout, 'data');
    first.kill('SIGKILL');
    await once(first, 'exit');
    const [owner] = readdirSync(join(folder, 'lock'));
    const file = join(folder, 'lock', owner!);
    const record = JSON.parse(readFileSync(file, 'utf8')) as { pid: number };
    writeFileSync(file, JSON.stringify({ ...record, pid: process.pid }));
    await once(start('second'), 'exit');
    assert.deepEqual(log(), ['in first', 'in second', 'out second']);
  });
});
