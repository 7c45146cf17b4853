import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagesDir, revisionDir } from '../../../blueprints/local-process/layout.ts';
import { installedPackage } from '../../../blueprints/local-process/npm.ts';
import { ensureRelease } from '../../../blueprints/local-process/release.ts';

const REF = { name: 'is-number', version: '7.0.0' };

describe('npm packages of local-process', () => {
  let dataDir: string;
  before(async () => (dataDir = await mkdtemp(join(tmpdir(), 'supplant-npm-'))));
  after(async () => rm(dataDir, { recursive: true, force: true }));

  it('are installed once for any number of callers, one of which gives up', async () => {
    const impatient = new AbortController();
    const first = installedPackage(dataDir, REF, impatient.signal);
    const others = [installedPackage(dataDir, REF), installedPackage(dataDir, REF)];
    impatient.abort();
    await assert.rejects(first);
    const folders = await Promise.all(others);
    assert.equal(new Set(folders).size, 1);
    assert.deepEqual(await readdir(packagesDir(dataDir)), ['is-number@7.0.0']);
  });

  it('need a configured command when they have no program of their own', async () => {
    const revision = revisionDir(dataDir, { project: 'test', stack: 'web-test-r1' });
    await assert.rejects(
      ensureRelease(dataDir, revision, 'npm:is-number@7.0.0', []),
      /npm:is-number@7\.0\.0 has no program of its own to run; name one in blueprint\.config\.command/,
    );
    const release = await ensureRelease(dataDir, revision, 'npm:is-number@7.0.0', ['node', 'server.mjs']);
    assert.deepEqual(release.command, ['node', 'server.mjs']);
    assert.equal(release.identity, 'is-number@7.0.0');
  });

  it('say what npm says when there is no such version, and leave nothing behind', async () => {
    const missing = installedPackage(dataDir, { name: 'is-number', version: '999.0.0' });
    await assert.rejects(
      missing,
      /npm install --save-exact is-number@999\.0\.0 failed \(exit code 1\): No matching version found for is-number/,
    );
    assert.deepEqual(await readdir(packagesDir(dataDir)), ['is-number@7.0.0']);
  });
});
