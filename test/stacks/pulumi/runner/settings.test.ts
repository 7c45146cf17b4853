import assert from 'node:assert/strict';
import { type RunnerSettings, passSettings, receiveSettings } from '../../../../src/stacks/pulumi/runner/settings.ts';

const SETTINGS: RunnerSettings = {
  ...{ dataDir: '/data', home: '/data/pulumi', passphraseFile: '/data/passphrase', pulumiPath: 'pulumi' },
  ...{ blueprints: [], stopGraceMs: 1, idleMs: 2, stepMs: 3, cacheDir: '/cache' },
  state: { kind: 'folder', path: '/data/state' },
};

describe('the settings of a runner', () => {
  it('arrive as they were, with passwords in the environment only, where nothing finds them later', () => {
    const access = { module: '/leases.ts', place: 'postgres://u:one-secret@h/store' };
    const lease = { host: 'a-1', leaseMs: 12_000, access };
    const state = { kind: 'postgres', url: 'postgres://u:another-secret@h/state' } as const;
    for (const more of [{}, { lease }, { state }, { lease, state }]) {
      const settings = { ...SETTINGS, ...more };
      const { argument, env } = passSettings(settings);
      assert.doesNotMatch(argument, /secret/);
      const process: NodeJS.ProcessEnv = { PATH: '/bin', SUPPLANT_STORE: 'of the user', ...env };
      assert.deepEqual(receiveSettings(argument, process), settings);
      assert.deepEqual(process, { PATH: '/bin' });
    }
  });
});
