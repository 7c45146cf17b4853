import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMissingPlugins, formatInstallCommand, readMissingPlugin } from '../../../src/stacks/pulumi/plugins.ts';

const AWS = { name: 'aws', version: '7.48.0' };

describe('plugins of providers', () => {
  let home: string;
  beforeEach(async () => (home = await mkdtemp(join(tmpdir(), 'supplant-plugins-'))));
  afterEach(async () => rm(home, { recursive: true }));

  async function install(version: string, mode = 0o755): Promise<string> {
    const folder = join(home, 'plugins', `resource-aws-v${version}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'pulumi-resource-aws'), '');
    await chmod(join(folder, 'pulumi-resource-aws'), mode);
    return folder;
  }

  it('are missing until the very version is there, in whole and to be run', async () => {
    const missing = async () => findMissingPlugins(home, { plugins: [AWS] });
    assert.deepEqual(await missing(), [AWS]);
    await install('7.47.0');
    assert.deepEqual(await missing(), [AWS]);
    const folder = await install('7.48.0', 0o644);
    if (process.getuid?.() !== 0) assert.deepEqual(await missing(), [AWS]);
    await install('7.48.0');
    assert.deepEqual(await missing(), []);
    await writeFile(`${folder}.partial`, '');
    assert.deepEqual(await missing(), [AWS]);
  });

  it('are not asked for by a blueprint that names none', async () => {
    assert.deepEqual(await findMissingPlugins(home, {}), []);
    assert.deepEqual(await findMissingPlugins(home, { plugins: [] }), []);
  });

  it('come with a command that a shell takes as it is', () => {
    const place = { home: "/it's here", pulumiPath: '/usr/bin/pulumi' };
    assert.equal(
      formatInstallCommand(AWS, place),
      "PULUMI_HOME='/it'\\''s here' /usr/bin/pulumi plugin install resource aws v7.48.0",
    );
  });

  it('are read from what the engine says, and nothing else is', () => {
    const said = "no resource plugin 'pulumi-resource-aws' found in the workspace at version v7.48.0 or on your $PATH";
    assert.deepEqual(readMissingPlugin(said), AWS);
    assert.equal(readMissingPlugin("no language plugin 'pulumi-language-nodejs' found in the workspace"), undefined);
  });
});
