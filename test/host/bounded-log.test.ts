import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBoundedLog, resumeLog } from '../../src/host/bounded-log.ts';
import { readLatestClaim } from '../../src/host/claims.ts';
import { LOG_FILE_BYTES, LOG_FILES, listLogFiles } from '../../src/host/log-files.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { identifyProcess, isAlive } from '../../src/host/process-identity.ts';
import { readLog } from '../../src/host/read-log.ts';

/** Has a program print that outlives it, prints that one's pid, and waits to be killed. */
const OWNER = `
import { spawn } from 'node:child_process';
import { openBoundedLog } from '${new URL('../../src/host/bounded-log.ts', import.meta.url).href}';
const log = await openBoundedLog(process.argv[1], process.argv[2]);
const count = 'n=0; while :; do n=$((n + 1)); echo $n; sleep 0.05; done';
const program = spawn('sh', ['-c', count], { detached: true, stdio: ['ignore', log.output, log.output] });
console.log(program.pid);
setInterval(() => undefined, 60_000);
`;

describe('a bounded log', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-bounded-'));
    path = join(folder, 'p1.log');
  });
  // What a killed keeper was about to do may still happen.
  afterEach(async () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

  const written = async (): Promise<string> => readFile(path, 'utf8').catch(() => '');

  it('has all that a program and its children print, and is over with the last of them', async () => {
    const log = await openBoundedLog(path);
    const child = spawn('sh', ['-c', 'echo out; echo err >&2; (sleep 0.2; echo late) & exit 0'], {
      stdio: ['ignore', log.output, log.output],
    });
    log.close();
    await once(child, 'exit');
    await log.kept;
    assert.equal(await written(), 'out\nerr\nlate\n');
  });

  it('keeps so many files of so many bytes of 122 MB, the last lines among them', async () => {
    const log = await openBoundedLog(path);
    const script = "yes 'a line of a program that prints as fast as it can' | head -c 122000000; echo; echo the end";
    const child = spawn('sh', ['-c', script], { stdio: ['ignore', log.output, log.output] });
    log.close();
    await once(child, 'exit');
    await log.kept;
    const sizes = await Promise.all(listLogFiles(path).map(async (file) => (await stat(file)).size));
    assert.equal(sizes.length, LOG_FILES);
    assert.ok(
      sizes.every((size) => size < LOG_FILE_BYTES + 16_384),
      sizes.join(', '),
    );
    const lines: string[] = [];
    for await (const line of readLog(path, { lines: 1 })) lines.push(line);
    assert.deepEqual(lines, ['the end']);
  });

  it('goes on with another keeper when its own is killed, and the program notices nothing', async function () {
    if (process.platform !== 'linux') this.skip();
    const record = join(folder, 'keeper');
    const log = await openBoundedLog(path, record);
    const program = spawn('sh', ['-c', 'while read -r line; do echo "$line"; done'], {
      stdio: ['pipe', log.output, log.output],
    });
    log.close();
    const says = async (text: string): Promise<void> => {
      program.stdin!.write(`${text}\n`);
      assert.ok(await waitUntil(20_000, async () => (await written()).endsWith(`${text}\n`)));
    };
    await says('before');
    const { holder } = (await readLatestClaim(record))!;
    process.kill(-holder!.pid, 'SIGKILL');
    assert.ok(await waitUntil(5_000, () => !isAlive(holder!)));
    await resumeLog(program.pid!, path, record, 2);
    await says('after');
    program.stdin!.end();
    await once(program, 'exit');
    assert.equal(await written(), 'before\nafter\n');
    assert.ok(await waitUntil(5_000, async () => !isAlive((await readLatestClaim(record))!.holder!)));
  });

  it('ends by itself with what it keeps, also when its owner was killed and its folder is gone', async () => {
    const record = join(folder, 'keeper');
    const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER, path, record], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(owner.stdout, 'data')) as [Buffer];
    const program = identifyProcess(Number(said.toString()))!;
    try {
      assert.ok(await waitUntil(20_000, async () => (await readLatestClaim(record)) !== undefined));
      const keeper = (await readLatestClaim(record))!.holder!;
      owner.kill('SIGKILL');
      await once(owner, 'exit');
      const before = await written();
      assert.ok(await waitUntil(20_000, async () => (await written()).length > before.length));
      assert.equal(isAlive(keeper), true);
      await rm(folder, { recursive: true, force: true });
      process.kill(program.pid, 'SIGKILL');
      assert.ok(await waitUntil(20_000, () => !isAlive(keeper)));
    } finally {
      if (isAlive(program)) process.kill(program.pid, 'SIGKILL');
    }
  });

  it('replaces a keeper that is killed while its owner has it open', async function () {
    if (process.platform !== 'linux') this.skip();
    const record = join(folder, 'keeper');
    const log = await openBoundedLog(path, record);
    assert.ok(await waitUntil(5_000, async () => (await readLatestClaim(record)) !== undefined));
    process.kill(-(await readLatestClaim(record))!.holder!.pid, 'SIGKILL');
    await log.kept;
    const child = spawn('echo', ['still there'], { stdio: ['ignore', log.output, log.output] });
    await once(child, 'exit');
    assert.ok(await waitUntil(20_000, async () => (await written()) === 'still there\n'));
    log.close();
  });
});
