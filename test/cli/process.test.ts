import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const MAIN = resolve('src/cli/main.ts');

describe('the supplant process', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-cli-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function supplant(args: string[], input = '') {
    const { TEMPORAL_ADDRESS: _address, SUPPLANT_DATA: _data, ...env } = process.env;
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: { ...env, NO_COLOR: '1' } });
    child.stdin.end(input);
    const exit = new Promise<number | null>((done) => child.once('close', done));
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
    return { code, stdout, stderr };
  }

  it('shows its help', async () => {
    const { code, stdout } = await supplant(['--help']);
    assert.equal(code, 0);
    assert.match(stdout, /^Examples:[^]*Exit codes:/);
  });

  it('writes a first manifest, once', async () => {
    assert.equal((await supplant(['init'])).code, 0);
    assert.match(await readFile(join(folder, 'supplant.yaml'), 'utf8'), /kind: Service/);
    const again = await supplant(['init']);
    assert.deepEqual([again.code, again.stderr.split('\n')[0]], [2, 'error: supplant.yaml exists already']);
  });

  it('reads a manifest from standard input', async () => {
    const { code, stderr } = await supplant(['apply', '-f', '-'], 'kind: Service\nname: Web\n');
    assert.equal(code, 2);
    assert.match(stderr, /\(standard input\):2:7 name: expected .*, found 'Web'/);
  });

  it('says what to start where nothing runs', async () => {
    const { code, stderr } = await supplant(['status', 'web/production', '-o', 'json']);
    assert.equal(code, 1);
    const { error } = JSON.parse(stderr) as { error: { reason: string; suggestion: string } };
    assert.equal(error.reason, 'UNAVAILABLE');
    assert.match(error.suggestion, /supplant dev/);
  });
});
