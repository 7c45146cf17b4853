import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Platform, change, spec } from './platform.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/supplant', import.meta.url));
const SERVICE = { name: 'talks', environment: 'test' };

/** Prints who it is when it listens, and every path that it is asked for. */
const TALKING = [
  "const server = require('http').createServer((q, s) => { if (q.url !== '/') console.log('asked for ' + q.url); s.end('ok'); });",
  "server.listen(process.env.PORT, process.env.HOST, () => console.log('listening as ' + process.pid));",
].join('\n');

describe('supplant logs -f', () => {
  let platform: Platform;
  let reader: ChildProcess | undefined;
  let printed: string;
  let told: string;

  before(async () => {
    platform = await Platform.share();
    const blueprint = { name: 'local-process', config: { command: [process.execPath, '-e', TALKING] } };
    const { rollout } = await platform.client.apply(spec('talks', blueprint), change());
    assert.equal((await platform.client.waitForRollout(SERVICE, rollout)).outcome, 'succeeded');
  });
  afterEach(async () => {
    if (reader?.exitCode !== null) return;
    const ended = once(reader, 'exit');
    reader.kill('SIGKILL');
    await ended;
  });
  after(() => (platform as Platform | undefined)?.dispose());

  function follow(): ChildProcess {
    [printed, told] = ['', ''];
    const child = spawn(LAUNCHER, ['logs', 'talks', '-f', '--data', platform.folder.root], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString('utf8')));
    reader = child;
    return child;
  }

  const lines = (): string[] => printed.split('\n').filter((each) => each !== '');
  const shown = (line: string) => platform.until(`'${line}' is shown`, () => lines().includes(line));

  async function ask(path: string): Promise<void> {
    const { route } = await platform.client.view(SERVICE);
    assert.ok(route);
    await fetch(`http://${route.address.host}:${route.address.port}${path}`);
  }

  it('goes on with the process that takes the place of one that was killed, every line once', async () => {
    const [first] = await platform.pids('talks-test-r1');
    const child = follow();
    await shown(`listening as ${first}`);
    await ask('/one');
    await shown('asked for /one');

    process.kill(first!, 'SIGKILL');
    let second: number | undefined;
    await platform.until('another process runs', async () => {
      [second] = await platform.pids('talks-test-r1');
      return second !== undefined && second !== first;
    });
    await shown(`listening as ${second}`);
    await ask('/two');
    await shown('asked for /two');
    const said = lines().filter((line) => /^(listening|asked)/.test(line));
    assert.deepEqual(said, [`listening as ${first}`, 'asked for /one', `listening as ${second}`, 'asked for /two']);

    const ended = once(child, 'exit');
    child.kill('SIGINT');
    assert.deepEqual(await ended, [130, null]);
  });

  it('ends, and says why, when the revision goes', async () => {
    const child = follow();
    await shown('asked for /two');
    const ended = once(child, 'exit');
    const { rollout } = await platform.client.remove(SERVICE, change());
    assert.equal((await platform.client.waitForRollout(SERVICE, rollout)).outcome, 'succeeded');
    assert.deepEqual(await ended, [0, null]);
    assert.match(told, /The logs end here: the revision is gone/);
  });
});
