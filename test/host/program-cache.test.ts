import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompileCacheSetting, removeCompileCacheSetting } from '../../src/host/program-cache.ts';

describe('the setting for compiled code', () => {
  it('is there for a part, and not for what it starts', () => {
    const setting = createCompileCacheSetting({});
    assert.ok(existsSync(setting.NODE_COMPILE_CACHE ?? ''));
    const env: NodeJS.ProcessEnv = { ...setting, HOME: '/home/ada' };
    removeCompileCacheSetting(env);
    assert.deepEqual(env, { HOME: '/home/ada' });
  });

  it("leaves the user's own as it is, for all of them", () => {
    const env: NodeJS.ProcessEnv = { NODE_COMPILE_CACHE: '/home/ada/compiled' };
    assert.deepEqual(createCompileCacheSetting(env), {});
    removeCompileCacheSetting(env);
    assert.deepEqual(env, { NODE_COMPILE_CACHE: '/home/ada/compiled' });
  });
});

describe('compiled code', () => {
  it('is kept for the next start though the process that made it is killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'supplant-compiled-'));
    const module = JSON.stringify(new URL('../../src/host/program-cache.ts', import.meta.url));
    const lasts = `
      const { keepCompiledCode } = await import(${module});
      console.log('loaded');
      process.stdin.once('data', () => { keepCompiledCode(); console.log('kept'); });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', lasts], {
      env: { ...process.env, NODE_COMPILE_CACHE: folder },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const files = (): number => readdirSync(folder, { recursive: true }).length;
    try {
      await once(child.stdout, 'data');
      const before = files();
      child.stdin.write('now');
      await once(child.stdout, 'data');
      assert.ok(files() > before);
    } finally {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true });
    }
  });
});
