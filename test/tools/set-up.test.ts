import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, readdirSync, statSync, watch } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { findNativeTool } from '../../src/native-tools.ts';
import { hangingGo, pulumiOf, temporalOf, workingGo } from './scripts.ts';
import { TemporaryCheckout } from './temporary-checkout.ts';

const BUILDS = 'github.com/temporalio/cli/cmd/temporal\ngithub.com/pulumi/pulumi/pkg/v3/cmd/pulumi\n';

describe('set-up', () => {
  let checkout: TemporaryCheckout;
  beforeEach(() => (checkout = new TemporaryCheckout()));
  afterEach(() => checkout.remove());

  async function succeeds(...args: string[]): Promise<string> {
    const { code, output } = await checkout.setUp(...args);
    assert.equal(code, 0, output);
    return output;
  }

  it('uses accepted tools on PATH, and builds nothing', async () => {
    const temporal = checkout.script('temporal', temporalOf('1.9.1'));
    const pulumi = checkout.script('pulumi', pulumiOf('3.230.0'));
    checkout.script('go', workingGo);
    await succeeds();
    assert.equal(findNativeTool('temporal', checkout), temporal);
    assert.equal(findNativeTool('pulumi', checkout), pulumi);
    assert.equal(checkout.has('built'), false);
  });

  it('passes by a version that it does not know, even where a good one stands further down PATH', async () => {
    checkout.script('temporal', temporalOf('0.0.0-DEV'));
    const good = checkout.script('further/temporal', temporalOf('1.5.1'));
    checkout.script('pulumi', pulumiOf('3.230.0'));
    checkout.env.PATH = `${checkout.path('programs')}:${checkout.path('further')}`;
    await succeeds();
    assert.equal(findNativeTool('temporal', checkout), good);
  });

  it("prefers PATH to the project's own, and its own to a build", async () => {
    const own = checkout.script('.tools/bin/temporal', temporalOf('1.5.1'));
    checkout.script('.tools/bin/pulumi', pulumiOf('3.230.0'));
    const onPath = checkout.script('pulumi', pulumiOf('3.230.0'));
    checkout.script('go', workingGo);
    await succeeds();
    assert.equal(findNativeTool('temporal', checkout), own);
    assert.equal(findNativeTool('pulumi', checkout), onPath);
    assert.equal(checkout.has('built'), false);
  });

  it('builds both where nothing is there and nothing can be downloaded', async () => {
    checkout.script('go', workingGo);
    const output = await succeeds();
    assert.equal(checkout.read('built'), BUILDS);
    assert.match(output, /building it, since no release archive can be reached/);
    assert.equal(findNativeTool('pulumi', checkout), checkout.path('.tools/bin/pulumi'));
    assert.equal(checkout.has('.tools/unfinished'), false);
  });

  it('asks a network that swallows everything once per tool, and goes on to the build', async () => {
    const swallowing = createServer().listen(0, '127.0.0.1');
    await once(swallowing, 'listening');
    const asked: string[] = [];
    swallowing.on('connection', (socket) => {
      socket.setEncoding('utf8').on('error', () => undefined);
      socket.on('data', (text: string) => asked.push(text.split('\r\n')[0]!));
    });
    delete checkout.env.SUPPLANT_RELEASES;
    checkout.env.HTTPS_PROXY = `http://127.0.0.1:${(swallowing.address() as AddressInfo).port}`;
    checkout.script('go', workingGo);
    await succeeds();
    swallowing.close();
    const probe = 'CONNECT github.com:443 HTTP/1.1';
    assert.deepEqual(asked, [probe, probe]);
    assert.equal(checkout.read('built'), BUILDS);
  });

  it('does nothing the second time, and says so unless it is to be quiet', async () => {
    checkout.script('go', workingGo);
    await succeeds();
    const before = statSync(checkout.path('node_modules/.supplant-setup.json')).mtimeMs;
    assert.equal(await succeeds(), 'set-up: nothing to do\n');
    assert.equal(await succeeds('--quiet'), '');
    assert.equal(statSync(checkout.path('node_modules/.supplant-setup.json')).mtimeMs, before);
    assert.equal(checkout.read('built'), BUILDS);
  });

  it('runs npm again when the lock file has changed, and only npm', async () => {
    checkout.script('go', workingGo);
    await succeeds();
    checkout.write('package-lock.json', `${checkout.read('package-lock.json')}\n`);
    const output = await succeeds();
    assert.match(output, /npm packages/);
    assert.doesNotMatch(output, /CLI/);
  });

  it('looks again when a tool is gone or another file stands in its place', async () => {
    const temporal = checkout.script('temporal', temporalOf('1.9.1'));
    checkout.script('pulumi', pulumiOf('3.230.0'));
    await succeeds();
    checkout.script('temporal', temporalOf('1.3.0'));
    checkout.script('go', workingGo);
    assert.equal(findNativeTool('temporal', checkout), temporal);
    await succeeds();
    assert.equal(findNativeTool('temporal', checkout), checkout.path('.tools/bin/temporal'));
  });

  it('takes the executable that the environment names, whatever its version', async () => {
    checkout.env.SUPPLANT_TEMPORAL = checkout.script('mine/temporal', temporalOf('0.0.0-DEV'));
    checkout.script('pulumi', pulumiOf('3.230.0'));
    await succeeds();
    assert.equal(findNativeTool('temporal', checkout), checkout.env.SUPPLANT_TEMPORAL);
  });

  it('refuses an environment that names no executable', async () => {
    checkout.env.SUPPLANT_PULUMI = checkout.path('nothing-here');
    checkout.script('temporal', temporalOf('1.5.1'));
    const { code, output } = await checkout.setUp();
    assert.equal(code, 1);
    assert.match(output, /SUPPLANT_PULUMI names .*nothing-here, which is not an executable file/);
  });

  it('names every way out, for both tools, where nothing works', async () => {
    checkout.script('temporal', temporalOf('1.3.0'));
    const { code, output } = await checkout.setUp();
    assert.equal(code, 1);
    for (const expected of [
      /programs\/temporal is version 1\.3\.0/,
      /no pulumi on PATH/,
      /cannot be reached/,
      /Go is not installed/,
      /install it on PATH, 1\.5\.1 or newer but below 2\.0\.0/,
      /set SUPPLANT_PULUMI/,
      /npm run setup/,
    ]) {
      assert.match(output, expected);
    }
  });

  it('says when Go is too old, and may not fetch a newer one', async () => {
    checkout.script('go', 'echo go1.22.1; echo local');
    const { code, output } = await checkout.setUp();
    assert.equal(code, 1);
    assert.match(output, /Go 1\.22\.1 is too old: 1\.\d+(\.\d+)? or newer is needed/);
  });

  it('shows what the compiler said when a build fails, and keeps nothing of it', async () => {
    const failing =
      'if [ "$1" = env ]; then echo go1.26.0; echo local; exit 0; fi\necho "verifying: checksum mismatch"; exit 1';
    checkout.script('go', failing);
    const { code, output } = await checkout.setUp();
    assert.equal(code, 1);
    assert.match(output, /checksum mismatch/);
    assert.equal(checkout.has('.tools/bin/temporal'), false);
  });

  it('shows the end of npm\u2019s log when npm fails, and does not take the packages for installed', async () => {
    const scripts = { preinstall: 'echo the disk is full; exit 3' };
    checkout.write('package.json', JSON.stringify({ name: 'supplant', version: '1.0.0', scripts }));
    const { code, output } = await checkout.setUp();
    assert.equal(code, 1);
    assert.match(output, /npm ci failed/);
    assert.match(output, /the disk is full/);
    assert.equal(checkout.has('node_modules/.supplant-setup.json'), false);
  });

  it('does not run npm where it was already run by hand', async () => {
    checkout.script('temporal', temporalOf('1.5.1'));
    checkout.script('pulumi', pulumiOf('3.230.0'));
    checkout.write('node_modules/.package-lock.json', checkout.read('package-lock.json'));
    checkout.write('node_modules/kept', '');
    assert.match(await succeeds(), /npm packages: already there/);
    assert.equal(checkout.has('node_modules/kept'), true);
  });

  it('uses no half-written executable after a kill, and takes over the dead one\u2019s lock', async () => {
    checkout.script('go', hangingGo);
    const first = checkout.start();
    const compiler = Number(await appearance(checkout, 'building'));
    process.kill(first.pid, 'SIGKILL');
    process.kill(compiler, 'SIGKILL');
    await first.ended;
    assert.equal(checkout.has('.tools/bin/temporal'), false);
    assert.equal(readdirSync(checkout.path('.tools/setup.lock')).length, 1);

    checkout.script('go', workingGo);
    await succeeds();
    assert.equal(checkout.read('built'), BUILDS);
    assert.equal(readdirSync(checkout.path('.tools/setup.lock')).length, 0);
  });

  it('ends what it started when it is told to stop', async () => {
    checkout.script('go', hangingGo);
    const { pid, ended } = checkout.start();
    const compiler = Number(await appearance(checkout, 'building'));
    process.kill(pid, 'SIGTERM');
    const { code } = await ended;
    assert.equal(code, 143);
    while (isRunning(compiler)) await setImmediate();
    assert.equal(readdirSync(checkout.path('.tools/setup.lock')).length, 0);
  });

  it('lets two set-ups at a time do the work once', async () => {
    checkout.script('go', workingGo);
    const both = await Promise.all([checkout.setUp(), checkout.setUp()]);
    assert.deepEqual(
      both.map(({ code }) => code),
      [0, 0],
      both.map(({ output }) => output).join('\n'),
    );
    assert.equal(readFileSync(checkout.path('built'), 'utf8'), BUILDS);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Waits until a file is there, and reads it. */
async function appearance(checkout: TemporaryCheckout, name: string): Promise<string> {
  const watcher = watch(checkout.root);
  try {
    while (!checkout.has(name) || checkout.read(name) === '') await once(watcher, 'change');
    return checkout.read(name);
  } finally {
    watcher.close();
  }
}
