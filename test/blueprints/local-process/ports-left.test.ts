import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type Server, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePortsLeft, releasePorts, reservePort } from '../../../blueprints/local-process/ports.ts';
import type { Claim } from '../../../src/host/claims.ts';
import { type ProcessIdentity, identifyProcess } from '../../../src/host/process-identity.ts';

const LISTENING = "require('net').createServer().listen(process.argv[1], '127.0.0.1', () => console.log('up'))";

describe('that nobody listens on the ports of what is gone', () => {
  let dataDir: string;
  let record: string;
  let port: number;
  let holder: ProcessIdentity;
  let children: ChildProcess[];
  let servers: Server[];

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'supplant-ports-'));
    [children, servers, record] = [[], [], join(dataDir, 'p1.json')];
    port = await reservePort(dataDir, record, '127.0.0.1');
    // The record's own process, which is gone by the time that its ports are looked at.
    const own = start('setInterval(() => undefined, 1_000)');
    await once(own, 'spawn');
    holder = identifyProcess(own.pid!)!;
    await ended(own);
  });
  afterEach(async () => {
    await Promise.all(children.map(ended));
    for (const server of servers) await once(server.close(), 'close');
    await rm(dataDir, { recursive: true, force: true });
  });

  function start(source: string, ...args: string[]): ChildProcess {
    const child = spawn(process.execPath, ['-e', source, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  }

  async function ended(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  /** Something that began to run after the record's process. */
  async function younger(): Promise<ChildProcess> {
    const child = start(LISTENING, `${port}`);
    await once(child.stdout!, 'data');
    return child;
  }

  /** This process, which ran long before. */
  async function older(): Promise<void> {
    const server = createServer().listen(port, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
  }

  const last = (more: Partial<Claim> = {}): Claim => ({ number: 1, holder, ...more });

  it('is so where nobody does', () => ensurePortsLeft(dataDir, record, last()));

  it('is not so while one does that may have been started by it, which is named', async () => {
    const child = await younger();
    await assert.rejects(ensurePortsLeft(dataDir, record, last()), (error: Error) => {
      assert.match(error.message, new RegExp(`^port ${port} is still held by process ${child.pid}, .*: end it$`));
      return true;
    });
  });

  it('is waited for while a socket closes', async () => {
    const child = await younger();
    const left = ensurePortsLeft(dataDir, record, last());
    await ended(child);
    await left;
  });

  it('is so where a stranger listens who began to run before it', async () => {
    await older();
    await ensurePortsLeft(dataDir, record, last());
  });

  it('is not asked where a control group, or another boot, tells what was its own', async () => {
    await younger();
    await ensurePortsLeft(dataDir, record, last({ cgroup: '/sys/fs/cgroup/none' }));
    await ensurePortsLeft(
      dataDir,
      record,
      last({ holder: { ...holder, started: holder.started.replace(/^[^/]+/, 'another') } }),
    );
    await ensurePortsLeft(dataDir, record, undefined);
  });

  it('is not asked of ports that are another record’s by now', async () => {
    await younger();
    await releasePorts(dataDir, record);
    await ensurePortsLeft(dataDir, record, last());
  });
});
