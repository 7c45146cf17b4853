import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
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

  it('are run by the program that is asked for, and name what they have where it is not clear', async () => {
    await published('two', { bin: { pbjs: 'bin/pbjs', pbts: './bin/pbts' } });
    await published('@acme/one', { bin: 'one.js' });
    await published('none', {});
    const commandOf = async (artifact: string, configured: string[] = []): Promise<string[]> => {
      const revision = await mkdtemp(join(dataDir, 'revision-'));
      return (await ensureRelease(dataDir, revision, artifact, configured)).command;
    };
    assert.deepEqual(await commandOf('npm:two@1.0.0#pbts'), ['./node_modules/two/bin/pbts']);
    assert.deepEqual(await commandOf('npm:@acme/one@1.0.0'), ['./node_modules/@acme/one/one.js']);
    assert.deepEqual(await commandOf('npm:two@1.0.0', ['node', 'x']), ['node', 'x']);
    await assert.rejects(
      commandOf('npm:two@1.0.0'),
      /npm:two@1\.0\.0 has more than one program; use npm:two@1\.0\.0#pbjs or npm:two@1\.0\.0#pbts/,
    );
    await assert.rejects(commandOf('npm:two@1.0.0#two'), /has no program called two; use npm:two@1\.0\.0#pbjs or/);
    await assert.rejects(commandOf('npm:none@1.0.0#two'), /npm:none@1\.0\.0 has no programs, and none called two/);
    await assert.rejects(commandOf('npm:none@1.0.0'), /has no program of its own to run/);
  });

  /** As if npm had installed it. */
  async function published(name: string, content: object): Promise<void> {
    const installed = join(packagesDir(dataDir), `${name.replace('/', '+')}@1.0.0`, 'node_modules', name);
    await mkdir(installed, { recursive: true });
    await writeFile(join(installed, 'package.json'), JSON.stringify({ name, version: '1.0.0', ...content }));
  }

  it('say what npm says when there is no such version, and leave nothing behind', async () => {
    const missing = installedPackage(dataDir, { name: 'is-number', version: '999.0.0' });
    await assert.rejects(
      missing,
      /npm install --save-exact is-number@999\.0\.0 failed \(exit code 1\): No matching version found for is-number/,
    );
    const left = await readdir(packagesDir(dataDir));
    assert.deepEqual(
      left.filter((name) => name.startsWith('is-number')),
      ['is-number@7.0.0'],
    );
  });
});
