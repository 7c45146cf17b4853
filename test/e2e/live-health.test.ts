import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import type { ServiceView } from '../../src/domain/rollout/status.ts';
import { renderManifest } from '../config/manifest/render.ts';
import { Platform, spec } from './platform.ts';

const run = promisify(execFile);
const LAUNCHER = fileURLToPath(new URL('../../bin/supplant', import.meta.url));

describe('a live service', () => {
  let platform: Platform;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-live-'));
    platform = await Platform.share();
  });
  after(async () => {
    await (platform as Platform | undefined)?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const supplant = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(LAUNCHER, [...args, '--data', platform.folder.root]);
    return stdout;
  };

  it('is told where its clients connect, and told to be broken when its only process cannot start any more', async () => {
    const flag = join(folder, 'broken');
    const source = `
      if (require('fs').existsSync(${JSON.stringify(flag)})) process.exit(1);
      require('http').createServer((q, s) => s.end('well')).listen(process.env.PORT, process.env.HOST);`;
    const wanted = spec('live', { name: 'local-process', config: { command: [process.execPath, '-e', source] } });
    const manifest = join(folder, 'supplant.yaml');
    await writeFile(manifest, renderManifest(wanted));

    const applied = await supplant('apply', '-f', manifest);
    const { route } = await platform.client.view(wanted.service);
    assert.ok(route);
    const url = formatEndpointUrl(route.address);
    assert.match(applied, new RegExp(`r1 is live[^]*Address: ${url}`));
    const again = JSON.parse(await supplant('apply', '-f', manifest, '-o', 'json')) as { address: string };
    assert.equal(again.address, url);
    assert.doesNotMatch(await supplant('status', 'live/test'), /Warning/);

    await writeFile(flag, '');
    for (const pid of await platform.pids('live-test-r1')) process.kill(pid, 'SIGKILL');
    await platform.until('502', async () => (await fetch(url)).status === 502);
    await platform.until('a warning', async () => {
      const { warnings = [] } = await platform.client.view(wanted.service);
      return warnings.some(({ kind }) => kind === 'unreachable');
    });
    const broken = /r1 has the traffic and answers\s+nobody: 127\.0\.0\.1:\d+ refuses connections/;
    assert.match(await supplant('status', 'live/test'), broken);
    assert.match(await supplant('why', 'live/test'), broken);
    assert.match(await supplant('list'), /r1 is live, but answers nobody/);
    const { services } = JSON.parse(await supplant('list', '-o', 'json')) as { services: ServiceView[] };
    const listed = services.find(({ status }) => status.spec.service.name === 'live');
    assert.equal(listed?.warnings?.length, 1);

    await rm(flag);
    await platform.until('it answers again', async () => (await fetch(url)).status === 200);
  });
});
