import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimFolder, releaseFolder } from '../../demo/claim.ts';
import { demoProcesses } from '../../demo/marks.ts';

const never = (text: string): void => assert.fail(text);

describe("the demo's folder", () => {
  let root: string;
  let orphan: ChildProcess | undefined;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'supplant-demo-test-'));
  });

  afterEach(async () => {
    orphan?.kill('SIGKILL');
    await rm(root, { recursive: true, force: true });
  });

  it('is made where there is none, and left empty', async () => {
    const folder = await claimFolder(join(root, 'new/one'), never);
    await writeFile(join(folder.root, 'state'), '');
    await releaseFolder(folder);
    assert.deepEqual(await readdir(folder.root), []);
  });

  it('is refused where it holds something that no demo put there', async () => {
    await writeFile(join(root, 'precious'), '');
    await assert.rejects(claimFolder(root, never), /no demo put there/);
    assert.deepEqual(await readdir(root), ['precious']);
  });

  it('is refused while another demo runs there', async () => {
    await claimFolder(root, never);
    await assert.rejects(claimFolder(root, never), new RegExp(`pid ${process.pid}`));
  });

  it('is emptied after a demo that was killed, and what that left running is ended', async function () {
    if (process.platform !== 'linux') this.skip();
    const env = { ...process.env, SUPPLANT_DEMO: root };
    orphan = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], { env });
    await once(orphan.stdout!, 'data');
    const ended = once(orphan, 'exit');
    await writeFile(join(root, 'demo.json'), JSON.stringify({ pid: orphan.pid, started: 'another boot/1' }));
    await writeFile(join(root, 'state'), '');
    const said: string[] = [];
    const folder = await claimFolder(root, (text) => said.push(text));
    assert.deepEqual(await ended, [null, 'SIGTERM']);
    assert.deepEqual(await readdir(root), ['demo.json']);
    assert.deepEqual(await demoProcesses(folder), []);
    assert.match(said.join(), /an earlier demo/);
  });
});
