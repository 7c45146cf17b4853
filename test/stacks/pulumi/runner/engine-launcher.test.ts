import assert from 'node:assert/strict';
import { type ExecFileException, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, LocalWorkspace, PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { claimAt, voidClaim } from '../../../../src/host/claims.ts';
import { waitUntil } from '../../../../src/host/polling.ts';
import {
  type EngineStart,
  START_VARIABLE,
  ensureLauncher,
  formatStart,
  locateLauncher,
} from '../../../../src/stacks/pulumi/runner/engine-launcher.ts';
import { awaitEngine } from '../../../../src/stacks/pulumi/runner/engine-process.ts';

/** What a process says of itself: its id, its group's leader and session's, its arguments and environment. */
const TELL = `
read -r stat < /proc/self/stat
echo "pid $$"
set -- $(echo "$stat" | sed 's/.*) //') -- "$@"
echo "group $3"; echo "session $4"
while [ "$1" != -- ]; do shift; done; shift
echo "arguments $*"
env
`;

/** How long a fact may take to show on a machine that does much else, in milliseconds. */
const LIMIT_MS = 30_000;

describe('the launcher of engines', () => {
  let home: string;
  let start: EngineStart;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'supplant-launcher-'));
    await ensureLauncher(home, 'v3.230.0');
    const env = { PATH: process.env.PATH ?? '', TOLD: 'a $b "c" \'d\'' };
    start = { binary: join(home, 'it’s a "binary"'), env, record: join(home, 'engine'), logFile: join(home, 'log') };
    await writeFile(start.binary, `#!/bin/sh\n${TELL}`, { mode: 0o700 });
  });

  afterEach(() => rm(home, { recursive: true, force: true }));

  const launcher = (): string => join(locateLauncher(home), 'bin', 'pulumi');

  /** As the SDK starts it: with this process's environment, and with pipes. */
  async function launch(how = start): Promise<{ code: number | null; piped: string; log: string; pid: number }> {
    const env = { ...process.env, ...how.env, PATH: `${locateLauncher(home)}/bin:${how.env.PATH}` };
    const { promise, resolve } = Promise.withResolvers<{ code: number | null; piped: string }>();
    const child = execFile(
      launcher(),
      ['up', '--stack', 'a b'],
      { env: { ...env, [START_VARIABLE]: formatStart(how) } },
      (error: ExecFileException | null, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), piped: stdout + stderr }),
    );
    const ended = await promise;
    return { ...ended, pid: child.pid ?? 0, log: await readFile(how.logFile, 'utf8').catch(() => '') };
  }

  const said = (log: string, what: string): string | undefined => new RegExp(`^${what} (.*)$`, 'm').exec(log)?.[1];

  it('becomes the engine: in a session of its own, with a claim, and with its output in the log', async () => {
    const { code, piped, log, pid } = await launch();
    assert.equal(code, 0, piped);
    assert.equal(piped, '');
    assert.deepEqual(
      ['pid', 'group', 'session'].map((what) => said(log, what)),
      Array.from({ length: 3 }, () => String(pid)),
    );
    assert.equal(said(log, 'arguments'), 'up --stack a b');
    assert.equal((await claimAt(start.record, 1))?.holder?.pid, pid);
  });

  it('becomes it where there is no setsid, too', async function () {
    const perl = await findOnPath('perl');
    if (perl === undefined) return this.skip();
    const bin = await mkdtemp(join(home, 'bin-'));
    for (const name of ['sh', 'perl', 'sed', 'env', 'ln', 'rm']) {
      const path = await findOnPath(name);
      if (path !== undefined) await symlink(path, join(bin, name));
    }
    const { code, log, pid } = await launch({ ...start, env: { ...start.env, PATH: bin } });
    assert.equal(code, 0, log);
    assert.deepEqual([said(log, 'pid'), said(log, 'session')], [String(pid), String(pid)]);
  });

  it('outlives whoever has started it, and the whole group of that', async () => {
    const [begun, go, ended] = ['begun', 'go', 'ended'].map((name) => join(home, name)) as [string, string, string];
    const script = `echo > '${begun}'; while [ ! -e '${go}' ]; do sleep 0.05; done; echo after; echo > '${ended}'`;
    await writeFile(start.binary, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
    const parent = spawn(
      process.execPath,
      ['--eval', "require('node:child_process').execFile(process.argv[1], ['up'])", launcher()],
      { detached: true, stdio: 'ignore', env: { ...process.env, [START_VARIABLE]: formatStart(start) } },
    );
    assert.ok(await waitUntil(LIMIT_MS, () => existsSync(begun)), 'the engine has begun');
    const gone = once(parent, 'exit');
    process.kill(-parent.pid!, 'SIGKILL');
    await gone;
    await writeFile(go, '');
    assert.ok(await waitUntil(LIMIT_MS, () => existsSync(ended)), 'the engine has gone on to its end');
    assert.equal(await readFile(start.logFile, 'utf8'), 'after\n');
  });

  it('is told what the engine is to be told, and nothing of this process’s own', async () => {
    process.env.SUPPLANT_A_TEST = 'not for engines';
    try {
      const { log } = await launch();
      assert.match(log, /^TOLD=a \$b "c" 'd'$/m);
      assert.ok(log.split('\n').includes(`PATH=${start.env.PATH}`));
      assert.doesNotMatch(log, /SUPPLANT/);
    } finally {
      delete process.env.SUPPLANT_A_TEST;
    }
  });

  it('runs nothing where it was ruled that the engine never begins', async () => {
    await voidClaim(start.record, 1);
    const { code, log } = await launch();
    assert.deepEqual([code, log], [125, '']);
  });

  it('answers the SDK’s question for the version, and nobody who starts it by hand', async () => {
    const { version } = await PulumiCommand.get({ root: locateLauncher(home) });
    assert.equal(version?.toString(), '3.230.0');
    const { promise, resolve } = Promise.withResolvers<string>();
    execFile(launcher(), ['up'], (_error, _stdout, stderr) => resolve(stderr));
    assert.match(await promise, /only the runner of an operation starts this/);
  });

  it('is written again for another version, and otherwise left as it is', async () => {
    const before = await stat(launcher());
    await ensureLauncher(home, 'v3.230.0');
    assert.equal((await stat(launcher())).ino, before.ino);
    await ensureLauncher(home, 'v3.231.0');
    assert.equal((await PulumiCommand.get({ root: locateLauncher(home) })).version?.minor, 231);
  });

  it('is made anew where it cannot be run, as after a restore that lost its mode', async () => {
    await chmod(launcher(), 0o600);
    await ensureLauncher(home, 'v3.230.0');
    assert.equal((await PulumiCommand.get({ root: locateLauncher(home) })).version?.minor, 230);
  });

  const ends: [string, string, { code: number | null; signal: string | null }][] = [
    ['well', 'exit 0', { code: 0, signal: null }],
    ['with a code', 'exit 17', { code: 17, signal: null }],
    ['by a signal', 'kill -9 $$', { code: null, signal: 'SIGKILL' }],
  ];
  for (const [how, script, expected] of ends) {
    it(`lets it be known that the engine has ended ${how}`, async () => {
      await writeFile(start.binary, `#!/bin/sh\necho last words; ${script}\n`, { mode: 0o700 });
      await writeFile(join(home, 'Pulumi.yaml'), JSON.stringify({ name: 'a', runtime: 'nodejs' }));
      const pulumiCommand = await PulumiCommand.get({ root: locateLauncher(home) });
      const envVars = { ...start.env, [START_VARIABLE]: formatStart(start) };
      const workspace = await LocalWorkspace.create({ workDir: home, pulumiCommand, envVars });
      const exit = await awaitEngine(async () => workspace.selectStack('a'), start.logFile);
      assert.deepEqual(exit, { ...expected, output: 'last words\n' });
    });
  }

  it('is missed where it is not there', async () => {
    const pulumiCommand = await PulumiCommand.get({ root: locateLauncher(home) });
    await rm(launcher());
    const workspace = await LocalWorkspace.create({ workDir: home, pulumiCommand, envVars: start.env });
    await assert.rejects(workspace.selectStack('a'), CommandError);
    await assert.rejects(
      awaitEngine(async () => workspace.selectStack('a'), start.logFile),
      /the engine could not be started/,
    );
  });
});

async function findOnPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const path = join(folder, name);
    if (await stat(path).catch(() => undefined)) return path;
  }
  return undefined;
}
