import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ROOT } from '../../../docs/markdown.ts';

const SCRIPT = `
import { createRequire } from 'node:module';
import { deferClosures } from './src/stacks/pulumi/runner/defer-closures.ts';
deferClosures();
await import('@pulumi/pulumi/automation/index.js');
const { cache } = createRequire(import.meta.url);
const isLoaded = () => Object.keys(cache).some((path) => /node_modules.(typescript|@npmcli.arborist)./.test(path));
const before = isLoaded();
const { runtime } = await import('@pulumi/pulumi');
const beforeUse = isLoaded();
const { text } = await runtime.serializeFunction(() => 42);
console.log(JSON.stringify({ before, beforeUse, text, after: isLoaded() }));
`;

describe('what the SDK makes programs of functions with', () => {
  it('is loaded when it is first used, and works then', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
      cwd: ROOT,
    });
    const { text, ...loaded } = JSON.parse(stdout) as { text: string };
    assert.deepEqual(loaded, { before: false, beforeUse: false, after: true });
    assert.match(text, /return \(\) => 42;/);
  });
});
