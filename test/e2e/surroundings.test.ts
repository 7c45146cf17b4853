import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { formatTemporalAddress } from '../../src/host/dev-lease.ts';
import { findFreePort } from '../../src/dev/ports.ts';
import { findNativeTool } from '../../src/native-tools.ts';
import { findBrowser, loadPage } from './browser.ts';
import { Platform, change, command, spec } from './platform.ts';

const NOBODY = 65_534;
const WORKFLOW = 'forged';

/** A page of another site that asks every port it is told of to start a rollout, as a form could: without asking first. */
function attack(namespace: string, ports: readonly number[]): string {
  const started = { workflowType: { name: 'rollout' }, taskQueue: { name: 'supplant' }, requestId: 'forged' };
  return `<!doctype html><title>attack</title><p id=told>not done</p><script>
    const path = '/api/v1/namespaces/${namespace}/workflows/${WORKFLOW}';
    const method = '/supplant.v1.ServiceService/ListServices';
    const ask = (port, path, body) => fetch('http://127.0.0.1:' + port + path, {
      method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body, signal: AbortSignal.timeout(3000) });
    Promise.allSettled(${JSON.stringify(ports)}.flatMap((port) => [
      ask(port, path, ${JSON.stringify(JSON.stringify(started))}), ask(port, method, '{}'),
    ])).then((all) => { document.getElementById('told').textContent = 'asked ' + all.length; });
  </script>`;
}

/** Where a process listens on 127.0.0.1. */
function portsOf(pid: number): number[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state, , , , , , inode]) => {
      return state === '0A' && local?.startsWith('0100007F:') === true && sockets.includes(`socket:[${inode}]`);
    })
    .map(([, local]) => Number.parseInt(local?.split(':')[1] ?? '', 16));
}

/** Whether the page's workflow has been started. */
async function wasStarted(address: string, namespace: string): Promise<boolean> {
  const connection = await Connection.connect({ address });
  try {
    await new Client({ connection, namespace }).workflow.getHandle(WORKFLOW).describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  } finally {
    await connection.close();
  }
}

/** What URLs, shells, settings of SQLite and lists in the environment give a meaning to. */
const ODD = `C#/100%41 ?a=b&c;'"ü$HOME\\n~${'long'.repeat(30)}`;
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:1';

describe('supplant dev in a data folder of any name, behind a proxy, under any umask', () => {
  const linux = process.platform === 'linux';
  let base: string;
  let platform: Platform;

  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'supplant-odd-'));
    await mkdir(join(base, ODD), { recursive: true });
    // What keeps others out is to be the data folder itself.
    for (const folder of ['', dirname(ODD), ODD]) await chmod(join(base, folder), 0o755);
    const env = {
      http_proxy: NOWHERE,
      https_proxy: NOWHERE,
      HTTP_PROXY: NOWHERE,
      no_proxy: 'intra.example',
      NO_PROXY: '',
    };
    const umask = process.umask(0);
    const starting = Platform.start({ root: join(base, ODD, 'data'), env });
    process.umask(umask);
    platform = await starting;
  });
  after(async () => {
    await (platform as Platform | undefined)?.dispose();
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  });

  it('makes a service and takes it away again', async () => {
    const service = { name: 'web', environment: 'test' };
    const { rollout } = await platform.client.apply(spec('web', command('odd')), change());
    const { outcome, because } = await platform.client.waitForRollout(service, rollout);
    assert.equal(outcome, 'succeeded', because);
    const removal = await platform.client.remove(service, change());
    assert.equal((await platform.client.waitForRollout(service, removal.rollout)).outcome, 'succeeded');
  });

  it('keeps everything in that folder, and lets nobody else read any of it', async () => {
    const { root } = platform.folder;
    const entries = await readdir(base, { recursive: true });
    const outside = entries.filter((each) => relative(root, join(base, each)).startsWith('..'));
    assert.deepEqual(outside.toSorted(), [ODD.split('/')[0], ODD]);
    const open: string[] = [];
    for (const each of ['', ...(await readdir(root, { recursive: true }))]) {
      // What was there a moment ago may be gone.
      const found = await lstat(join(root, each)).catch(() => undefined);
      if (found && !found.isSymbolicLink() && (found.mode & 0o077) !== 0)
        open.push(`${found.mode.toString(8)} ${each}`);
    }
    assert.deepEqual(open, []);
  });

  describe('has doors that', () => {
    before(async function () {
      if (!linux) this.skip();
      const { rollout } = await platform.client.apply(spec('web', command('one')), change());
      await platform.client.waitForRollout({ name: 'web', environment: 'test' }, rollout);
    });

    describe('to a web page', () => {
      let browser: string;
      let site: Server;
      let page = '';

      before(async function () {
        const found = findBrowser();
        if (found === undefined) {
          console.log('skipped: there is no Chromium');
          this.skip();
        }
        browser = found;
        site = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(page));
        await once(site.listen(0, '127.0.0.1'), 'listening');
      });
      after(() => (site as Server | undefined)?.close());

      const visit = (name: string): Promise<string> =>
        loadPage(browser, `http://${name}:${(site.address() as AddressInfo).port}/`, 20_000);

      it('are shut: it starts nothing, whatever port it finds', async () => {
        const { namespace, uiPort } = platform.lease().temporal;
        const ports = [...portsOf(platform.partPid('temporal')), uiPort, platform.lease().api.port];
        assert.ok(ports.length > 5, `only ${ports.join(', ')}`);
        page = attack(namespace, ports);
        assert.match(await visit('evil.example'), /asked \d+/);
        assert.equal(await wasStarted(formatTemporalAddress(platform.lease()), namespace), false);
      });

      it('would not be, were it a Temporal as it comes', async () => {
        const [port, uiPort] = [await findFreePort(0), await findFreePort(0)];
        const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${port}`, '--ui-port', `${uiPort}`];
        const bare = spawn(findNativeTool('temporal'), args, { stdio: ['ignore', 'pipe', 'ignore'] });
        try {
          await saying(bare, 'Server:');
          page = attack('default', portsOf(bare.pid ?? 0));
          assert.match(await visit('evil.example'), /asked \d+/);
          assert.equal(await wasStarted(`127.0.0.1:${port}`, 'default'), true);
        } finally {
          bare.kill('SIGKILL');
        }
      });

      it('show it nothing under a name of its own that was made to lead here', async () => {
        const { temporal, api } = platform.lease();
        const rebound = await loadPage(browser, `http://rebound.example:${temporal.uiPort}/api/v1/namespaces`, 2000);
        assert.match(rebound, /127\.0\.0\.1 and localhost alone/);
        assert.ok(!rebound.includes(temporal.namespace));
        const own = await loadPage(browser, `http://127.0.0.1:${temporal.uiPort}/api/v1/namespaces`, 2000);
        assert.ok(own.includes(temporal.namespace), own);
        const method = 'supplant.v1.ServiceService/ListServices';
        const asked = await loadPage(
          browser,
          `http://rebound.example:${api.port}/${method}?encoding=json&message=%7B%7D`,
          2000,
        );
        assert.ok(!asked.includes('web'), asked);
      });
    });

    it('are shut to another user of this machine, who cannot read, connect, delete or ask', async function () {
      if (process.getuid?.() !== 0) {
        console.log('skipped: only root can act as another user');
        this.skip();
      }
      const { root, token, store, routerSocket } = platform.folder;
      const { host, port } = platform.lease().api;
      const url = `http://${host}:${port}/supplant.v1.ServiceService/ListServices`;
      // Plain Node, for the other user may not read this checkout.
      const script = `
      const fs = require('node:fs'), net = require('node:net');
      const tried = (what) => { try { what(); return 'done'; } catch (error) { return error.code; } };
      const connected = (path) => new Promise((resolve) => net.connect(path)
        .once('connect', () => resolve('done')).once('error', (error) => resolve(error.code)));
      const [root, token, store, socket, url] = process.argv.slice(1);
      (async () => {
        const asked = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
        console.log(JSON.stringify([tried(() => fs.readdirSync(root)), tried(() => fs.readFileSync(token)),
          tried(() => fs.rmSync(store)), tried(() => fs.writeFileSync(root + '/x', '')), await connected(socket), asked.status]));
      })();`;
      const child = spawn(process.execPath, ['-e', script, root, token, store, routerSocket, url], {
        ...{ uid: NOBODY, gid: NOBODY, cwd: '/', env: {} },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const refused = await once(child, 'spawn').catch((error: unknown) => error);
      if (refused instanceof Error) {
        console.log(`skipped: another user may not run ${process.execPath}`);
        this.skip();
      }
      assert.deepEqual(JSON.parse(await text(child.stdout)), ['EACCES', 'EACCES', 'EACCES', 'EACCES', 'EACCES', 401]);
    });
  });
});

/** Goes on reading: what its output is closed to ends with its next line. */
async function saying(child: ChildProcess, words: string): Promise<void> {
  let told = '';
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  child.stdout?.on('data', (chunk: Buffer) => {
    told += chunk.toString('utf8');
    if (told.includes(words)) resolve(undefined);
  });
  child.once('exit', () => reject(new Error(`it ended without ${words}: ${told}`)));
  await promise;
}
