import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildEngineEnvironment, checkEngine } from '../../../../src/stacks/pulumi/runner/environment.ts';

const STATE = { kind: 'folder' as const, path: '/data/state' };
const HERE = { home: '/data/pulumi', state: STATE, passphraseFile: '/data/passphrase' };

function environment(startsPlugins: boolean): Record<string, string> {
  return buildEngineEnvironment(HERE, { providers: { own: 4321 }, startsPlugins });
}

describe('an engine’s environment', () => {
  it('limits its memory only where no plugin inherits that', () => {
    const { GOGC, GOMEMLIMIT } = environment(false);
    assert.deepEqual([GOGC, GOMEMLIMIT], ['off', '256MiB']);
    const inherited = environment(true);
    assert.equal(inherited.GOGC, process.env.GOGC);
    assert.equal(inherited.GOMEMLIMIT, process.env.GOMEMLIMIT);
  });

  it('is without the variables that a config refers to as secrets', () => {
    process.env.A_TEST_SECRET = 'value';
    try {
      const given = { providers: {}, startsPlugins: false };
      const config = { env: { TOKEN: { secret: 'env:A_TEST_SECRET' } } };
      const names = (env: Record<string, string>): boolean => 'A_TEST_SECRET' in env;
      assert.equal(names(buildEngineEnvironment(HERE, given)), true);
      assert.equal(names(buildEngineEnvironment(HERE, { ...given, config })), false);
    } finally {
      delete process.env.A_TEST_SECRET;
    }
  });

  it('is without what Supplant itself is told, which may hold a password', () => {
    process.env.SUPPLANT_STORE = 'postgres://owner:secret@127.0.0.1/supplant';
    try {
      assert.equal('SUPPLANT_STORE' in environment(true), false);
    } finally {
      delete process.env.SUPPLANT_STORE;
    }
  });

  it('has it keep its state in the schema of its own, and without TLS only where nothing else is said', () => {
    const backend = (url: string): string | undefined =>
      buildEngineEnvironment({ ...HERE, state: { kind: 'postgres', url } }, { providers: {}, startsPlugins: false })
        .PULUMI_BACKEND_URL;
    const [plain, secured] = ['postgres://a:b%2F@db/state', 'postgres://a@db:5433/state?sslmode=verify-full'];
    assert.equal(backend(plain), `${plain}?search_path=supplant_state&sslmode=disable`);
    assert.equal(backend(secured), `${secured}&search_path=supplant_state`);
    assert.equal(environment(true).PULUMI_BACKEND_URL, 'file:///data/state');
  });

  it('has it take plugins from Supplant’s own home, and from nowhere else', () => {
    const { PULUMI_HOME, PULUMI_DEBUG_PROVIDERS, ...others } = environment(true);
    assert.deepEqual([PULUMI_HOME, PULUMI_DEBUG_PROVIDERS], ['/data/pulumi', 'own:4321']);
    assert.equal(others.PULUMI_IGNORE_AMBIENT_PLUGINS, 'true');
    assert.equal(others.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION, 'true');
  });
});

describe('an engine’s version', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'supplant-engine-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('is asked for once of each file, and every time of one that cannot tell', async () => {
    const [path, asked] = [join(folder, 'pulumi'), join(folder, 'asked')];
    const put = async (text: string): Promise<void> => {
      await rm(path, { force: true });
      await writeFile(path, `#!/bin/sh\necho . >> '${asked}'\n${text}\n`, { mode: 0o755 });
    };
    await put('exit 3');
    for (let times = 0; times < 2; times += 1) await assert.rejects(checkEngine(path), /the Pulumi CLI cannot be run/);
    await put('echo v3.230.0');
    assert.deepEqual([await checkEngine(path), await checkEngine(path)], ['v3.230.0', 'v3.230.0']);
    await put('echo v3.231.0-alpha');
    assert.equal(await checkEngine(path), 'v3.231.0-alpha');
    assert.equal(await readFile(asked, 'utf8'), '.\n'.repeat(4));
  });
});
