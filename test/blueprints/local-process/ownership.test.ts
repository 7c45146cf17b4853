import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createProcess } from '../../../blueprints/local-process/create-process.ts';
import { inventory, runningProcesses, sweep } from '../../../blueprints/local-process/inventory.ts';
import { launch } from '../../../blueprints/local-process/launcher.ts';
import { recordPath, revisionDir } from '../../../blueprints/local-process/layout.ts';
import { marksOf, members } from '../../../blueprints/local-process/members.ts';
import { removeProcess } from '../../../blueprints/local-process/processes.ts';
import type { ProcessRecord, ProcessSpec } from '../../../blueprints/local-process/records.ts';
import { ensureRelease } from '../../../blueprints/local-process/release.ts';
import { startSupervisor } from '../../../blueprints/local-process/supervisor.ts';
import { findCgroupFolder, removeCgroup } from '../../../src/host/cgroups.ts';
import type { Marks } from '../../../src/host/claiming-command.ts';
import { readLatestClaim } from '../../../src/host/claims.ts';
import { readEnvironment } from '../../../src/host/marks.ts';
import { waitUntil } from '../../../src/host/polling.ts';
import { identifyProcess, isAlive, type ProcessIdentity } from '../../../src/host/process-identity.ts';

const STACK = { project: 'test', stack: 'web-test-r1' };

/**
 * A server that forks its workers, as nginx or PostgreSQL do: each sets its title, which on Linux overwrites its environment.
 * The second worker starts something with an empty environment in a session of its own and leaves it behind. All write down
 * their pids.
 */
const PREFORK = `
use strict; use IO::Socket::INET; use POSIX ();
sub note { open(my $f, '>>', 'pids') or die; syswrite($f, "$_[0]\\n"); close($f); }
my $s = IO::Socket::INET->new(LocalAddr => $ENV{HOST}, LocalPort => $ENV{PORT}, Listen => 9, ReuseAddr => 1) or die "bind: $!";
note($$); $0 = 'master ' . 'm' x 9000;
for my $n (1 .. 2) {
  next if fork();
  note($$); $0 = "worker $n " . 'w' x 9000;
  if ($n == 2 && !fork()) { if (!fork()) { POSIX::setsid(); note($$); %ENV = (); exec('/usr/bin/env', '-i', 'sleep', '1000'); } exit 0; }
  while (my $c = $s->accept()) { print $c "HTTP/1.1 200 OK\\r\\nContent-Length: " . length($$) . "\\r\\nConnection: close\\r\\n\\r\\n$$"; close($c); }
}
sleep 1000 while 1;
`;
const PROCESSES = 4;

describe('what a process has started', () => {
  let dataDir: string;
  let path: string;
  let app: string;
  before(function () {
    if (process.platform !== 'linux' || !hasPerl()) this.skip();
  });
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'supplant-owned-'));
    path = recordPath(revisionDir(dataDir, STACK), 'p1');
    app = join(revisionDir(dataDir, STACK), 'app');
    await ensureRelease(dataDir, revisionDir(dataDir, STACK), 'command', ['true']);
  });
  afterEach(async () => {
    const all = await noted();
    await sweep(dataDir, STACK);
    const left = all.filter(isAlive);
    left.forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
    assert.deepEqual(left, []);
    assert.deepEqual(await inventory(dataDir), []);
    await rm(dataDir, { recursive: true, force: true });
  });

  const spec = (): ProcessSpec => ({
    command: ['perl', '-e', PREFORK],
    env: {},
    secrets: {},
    passEnv: [],
    directory: app,
    startTimeoutMs: 10_000,
    stopGraceMs: 1_000,
  });

  /** Those of the processes that wrote themselves down which still run. */
  async function noted(): Promise<ProcessIdentity[]> {
    const text = await readFile(join(app, 'pids'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter(Boolean)
      .flatMap((pid) => identifyProcess(Number(pid)) ?? []);
  }

  async function allUp(): Promise<ProcessIdentity[]> {
    assert.ok(await waitUntil(10_000, async () => (await noted()).length === PROCESSES));
    const all = await noted();
    // The title is set after the pid was noted.
    assert.ok(
      await waitUntil(10_000, () =>
        all.every(({ pid }) => !readEnvironment(pid).some((v) => v.startsWith('SUPPLANT_'))),
      ),
    );
    return all;
  }

  const sorted = (pids: { pid: number }[]): number[] => pids.map(({ pid }) => pid).toSorted((a, b) => a - b);

  const marks: [string, (all: Marks) => Marks, { afterKill: number }][] = [
    ['its control group', ({ cgroup }) => ({ cgroup }), { afterKill: 3 }],
    ['the mark in its limits', ({ limit }) => ({ limit }), { afterKill: 3 }],
    // Nothing but its session, then: what left that with an empty environment cannot be known any more.
    ['its session', () => ({}), { afterKill: 2 }],
  ];
  for (const [what, some, { afterKill }] of marks) {
    it(`is known by ${what} alone, also when the first process is dead`, async function () {
      const own = some(marksOf(path));
      const record: ProcessRecord = { v: 1, name: 'p1', spec: spec(), host: '127.0.0.1', port: 0, state: 'creating' };
      const { child } = await launch(record, path, 1, own);
      const all = await allUp();
      const start = await readLatestClaim(path);
      assert.equal(start?.limit, own.limit);
      try {
        // Groups may not be made here, by whoever runs this.
        if (own.cgroup !== undefined && start?.cgroup === undefined) this.skip();
        assert.equal(members(path, start).length, afterKill + 1);
        child.kill('SIGKILL');
        assert.ok(await waitUntil(5_000, () => identifyProcess(child.pid!) === undefined));
        assert.equal(members(path, start).length, afterKill);
      } finally {
        all.filter(isAlive).forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
        assert.ok(await waitUntil(5_000, () => !all.some(isAlive)));
        const { cgroup } = start ?? {};
        if (cgroup !== undefined) assert.ok(await waitUntil(5_000, () => removeCgroup(cgroup)));
      }
    });
  }

  it('ends with it, whatever it has done to its environment, title and session', async () => {
    await createProcess(dataDir, path, 'p1', spec());
    const all = await allUp();
    const running = async (): Promise<number[]> => sorted(await runningProcesses(dataDir));
    // The one between the second worker and what it leaves behind may not have ended yet.
    await waitUntil(5_000, async () => isDeepStrictEqual(await running(), sorted(all)));
    assert.deepEqual(await running(), sorted(all));
    await removeProcess(dataDir, path);
    assert.deepEqual(all.filter(isAlive), []);
    const { cgroup } = marksOf(path);
    assert.ok(cgroup === undefined || !existsSync(cgroup), `${cgroup} is left`);
  });

  it('makes way when the first process was killed and is started again on its port', async () => {
    const { port } = await createProcess(dataDir, path, 'p1', spec());
    const first = await allUp();
    const supervisor = startSupervisor({ dataDir, intervalMs: 20, log: () => undefined });
    try {
      process.kill(first[0]!.pid, 'SIGKILL');
      const isFresh = async (): Promise<boolean> => {
        const answered = await fetch(`http://127.0.0.1:${port}`).then(
          async (answer) => answer.text(),
          () => '0',
        );
        return answered !== '0' && !first.some(({ pid }) => pid === Number(answered));
      };
      assert.ok(await waitUntil(15_000, isFresh));
      assert.deepEqual(first.filter(isAlive), []);
    } finally {
      await supervisor.stop();
    }
  });

  it('leaves no control group behind', async () => {
    await createProcess(dataDir, path, 'p1', spec());
    await allUp();
    const { cgroup } = (await readLatestClaim(path))!;
    await removeProcess(dataDir, path);
    if (cgroup !== undefined) await assert.rejects(readFile(join(cgroup, 'cgroup.procs')), /ENOENT/);
  });
});

describe('the folder of a control group', () => {
  const unified = '31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate';
  const hybrid =
    '33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw';
  const rows: [string, string, string, string | undefined][] = [
    ['below one’s own', '0::/user.slice/a.scope\n', unified, '/sys/fs/cgroup/user.slice/a.scope/x'],
    ['beside version 1', '9:cpu:/z\n0::/\n', hybrid, '/sys/fs/cgroup/unified/x'],
    ['seen from a container', '0::/docker/1/in\n', unified.replace(' / /', ' /docker/1 /'), '/sys/fs/cgroup/in/x'],
    ['not outside of what is mounted', '0::/other\n', unified.replace(' / /', ' /docker/1 /'), undefined],
    ['not outside of the namespace', '0::/../other\n', unified, undefined],
    ['not with version 1 alone', '9:cpu:/z\n', hybrid.split('\n')[0]!, undefined],
  ];
  for (const [what, own, mounts, folder] of rows) {
    it(what, () => assert.equal(findCgroupFolder(own, mounts, 'x'), folder));
  }
});

function hasPerl(): boolean {
  try {
    execFileSync('perl', ['-MIO::Socket::INET', '-e', '1']);
    return true;
  } catch {
    return false;
  }
}
