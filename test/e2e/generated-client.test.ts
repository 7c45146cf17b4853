import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Platform, command } from './platform.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXAMPLE = join(ROOT, 'examples', 'clients', 'python');
const PROTO = join(ROOT, 'proto');
const FILES = ['common', 'audit', 'gates', 'rollouts', 'services'].map((name) =>
  join(PROTO, 'supplant', 'v1', `${name}.proto`),
);

const run = promisify(execFile);

describe('a client generated for another language', () => {
  let folder: string;
  let python: string;
  let platform: Platform | undefined;

  before(async function () {
    folder = await mkdtemp(join(tmpdir(), 'supplant-python-'));
    python = join(folder, 'venv', 'bin', 'python');
    try {
      await run('python3', ['-m', 'venv', join(folder, 'venv')]);
      await run(python, ['-m', 'pip', 'install', '-q', '--no-compile', '-r', join(EXAMPLE, 'requirements.txt')]);
    } catch (error) {
      console.log(`skipped: no Python with grpcio here: ${String(error).split('\n', 1)[0]}`);
      this.skip();
    }
    platform = await Platform.share();
  });
  after(async () => {
    await platform?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('deploys and follows the rollout, in Python', async () => {
    assert.ok(platform);
    const to = [`--python_out=${folder}`, `--grpc_python_out=${folder}`];
    await run(python, ['-m', 'grpc_tools.protoc', `-I${PROTO}`, ...to, ...FILES]);
    const manifest = join(folder, 'supplant.yaml');
    const described = {
      ...{ apiVersion: 'supplant.dev/v1', kind: 'Service', name: 'python', environment: 'test', artifact: 'command' },
      ...{ blueprint: command('python'), strategy: { kind: 'blue-green', bake: '100ms' } },
    };
    await writeFile(manifest, JSON.stringify(described));
    const { host, port } = platform.lease().api;
    const env = { ...process.env, PYTHONPATH: folder, SUPPLANT_TOKEN_FILE: platform.folder.token };
    const { stdout } = await run(python, [join(EXAMPLE, 'deploy.py'), `${host}:${port}`, manifest], { env });
    const lines = stdout.trim().split('\n');
    assert.equal(lines[0], 'rollout.requested');
    assert.equal(lines.at(-1), 'STATE_SUCCEEDED');
  });
});
