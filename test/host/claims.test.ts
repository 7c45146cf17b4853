import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { claimingCommand } from '../../src/host/claiming-command.ts';
import { claimAt, readLatestClaim, removeClaims, takeClaim, voidClaim } from '../../src/host/claims.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { isAlive, identifySelf } from '../../src/host/process-identity.ts';

const run = promisify(execFile);

/** Of util-linux. */
const hasSetpriv = async (): Promise<boolean> =>
  run('setpriv', ['--pdeathsig', 'KILL', 'true']).then(
    () => true,
    () => false,
  );

describe('a claim of a start', () => {
  let folder: string;
  let record: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-claims-'));
    record = join(folder, 'record');
  });
  afterEach(async () => rm(folder, { recursive: true }));

  it('names the process that took it, as others see it', async () => {
    assert.equal(await takeClaim(record, 1), true);
    assert.deepEqual(await readLatestClaim(record), { number: 1, holder: identifySelf() });
  });

  it('goes to one of any number, and is not taken once it was ruled out', async () => {
    const won = await Promise.all([takeClaim(record, 1), voidClaim(record, 1), takeClaim(record, 1)]);
    assert.equal(won.filter(Boolean).length, 1);
    assert.equal(await voidClaim(record, 2), true);
    assert.equal(await takeClaim(record, 2), false);
    assert.deepEqual(await readLatestClaim(record), { number: 2 });
    await removeClaims(record);
    assert.deepEqual(await readdir(folder), []);
  });

  it('is made by a command before it becomes the program, which does not run without it', async () => {
    const [shell, ...args] = claimingCommand(record, 1, [process.execPath, '-p', 'process.pid']);
    const { stdout } = await run(shell, args);
    const { holder } = (await claimAt(record, 1))!;
    assert.equal(holder?.pid, Number(stdout));
    assert.equal(isAlive(holder), false);
    await assert.rejects(run(shell, args), { code: 125, stdout: '' });
  });

  it('is made by a command that ends with the process it is told of, and does not begin without it', async function () {
    if (!(await hasSetpriv())) this.skip();
    const module = JSON.stringify(pathToFileURL(resolve('src/host/claiming-command.ts')).href);
    const source = `
      const { claimingCommand } = await import(${module});
      const { spawn } = await import('node:child_process');
      const [shell, ...args] = claimingCommand(${JSON.stringify(record)}, 1, ['sleep', '600'], { endsWith: process.pid });
      spawn(shell, args, { detached: true, stdio: 'ignore' });
      setInterval(() => undefined, 1_000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'ignore' });
    const command = async (): Promise<string> => {
      const pid = (await claimAt(record, 1))?.holder?.pid;
      return pid === undefined ? '' : readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    };
    assert.ok(await waitUntil(20_000, async () => (await command()) === 'sleep\n'));
    const { holder } = (await claimAt(record, 1))!;
    parent.kill('SIGKILL');
    assert.ok(await waitUntil(10_000, () => !isAlive(holder!)));
    const [shell, ...args] = claimingCommand(record, 2, [process.execPath, '-p', '1'], { endsWith: parent.pid });
    await assert.rejects(run(shell, args), { code: 125, stdout: '' });
  });
});
