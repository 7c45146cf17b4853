import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { claimingCommand } from '../../src/host/claiming-command.ts';
import { claimAt, readLatestClaim, removeClaims, takeClaim, voidClaim } from '../../src/host/claims.ts';
import { isAlive, identifySelf } from '../../src/host/process-identity.ts';

const run = promisify(execFile);

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
});
