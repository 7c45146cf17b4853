import assert from 'node:assert/strict';
import { buildEngineEnvironment } from '../../../../src/stacks/pulumi/runner/environment.ts';

const FOLDERS = { home: '/data/pulumi', state: '/data/state' };

function environment(startsPlugins: boolean): Record<string, string> {
  return buildEngineEnvironment(FOLDERS, '/data/passphrase', { providers: { own: 4321 }, startsPlugins });
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
    process.env.SUPPLANT_TEST_SECRET = 'value';
    try {
      const given = { providers: {}, startsPlugins: false };
      const config = { env: { TOKEN: { secret: 'env:SUPPLANT_TEST_SECRET' } } };
      const names = (env: Record<string, string>): boolean => 'SUPPLANT_TEST_SECRET' in env;
      assert.equal(names(buildEngineEnvironment(FOLDERS, '/data/passphrase', given)), true);
      assert.equal(names(buildEngineEnvironment(FOLDERS, '/data/passphrase', { ...given, config })), false);
    } finally {
      delete process.env.SUPPLANT_TEST_SECRET;
    }
  });

  it('has it take plugins from Supplant’s own home, and from nowhere else', () => {
    const { PULUMI_HOME, PULUMI_DEBUG_PROVIDERS, ...others } = environment(true);
    assert.deepEqual([PULUMI_HOME, PULUMI_DEBUG_PROVIDERS], ['/data/pulumi', 'own:4321']);
    assert.equal(others.PULUMI_IGNORE_AMBIENT_PLUGINS, 'true');
    assert.equal(others.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION, 'true');
  });
});
