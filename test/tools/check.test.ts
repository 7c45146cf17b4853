import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { RESULT_FILE, countLine, readTestResult, summary } from '../../tools/check/test-result.ts';
import { testFiles } from '../../tools/check/test-files.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('npm test', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'supplant-check-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function check(more: NodeJS.ProcessEnv, ...files: string[]): Promise<{ code: number; lines: string[] }> {
    const { [RESULT_FILE]: _ours, ...env } = process.env;
    const child = spawn(process.execPath, [join(ROOT, 'tools/check/main.ts'), ...files], { env: { ...env, ...more } });
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number]>]);
    return { code, lines: output.trimEnd().split('\n') };
  }

  function testFile(name: string, body: string): string {
    const file = join(folder, `${name}.test.ts`);
    writeFileSync(file, `describe('${name}', () => { ${body} });`);
    return file;
  }

  const passing = `it('passes', () => {});`;
  const failing = `it('fails', () => { throw new Error('as it must'); });`;
  const skipped = `it.skip('waits', () => {});`;

  it('ends with the counts of every file, and with exit code 0 when none failed', async () => {
    const { code, lines } = await check({}, testFile('one', passing + passing), testFile('two', passing));
    assert.equal(lines.at(-1), '3 passed, 0 failed');
    assert.equal(code, 0);
  });

  it('counts failures and skipped tests, and fails', async () => {
    const { code, lines } = await check({}, testFile('one', passing + failing), testFile('two', skipped + failing));
    assert.equal(lines.at(-1), '1 passed, 2 failed, 1 skipped');
    assert.equal(code, 1);
  });

  it('fails when a file cannot even be loaded', async () => {
    const { code, lines } = await check({}, testFile('broken', 'this is no program'));
    assert.match(lines.at(-1)!, /[1-9] failed/);
    assert.equal(code, 1);
  });

  it('takes a result that nobody wrote for a failure', () => {
    assert.equal(countLine(readTestResult(join(folder, 'absent'))), '0 passed, 1 failed');
  });

  it('leaves what failed and how, for whoever sees only the end of a long output', async () => {
    const file = join(folder, 'result.json');
    await check({ [RESULT_FILE]: file }, testFile('one', passing + failing), testFile('two', failing));
    const lines = summary(readTestResult(file)).split('\n');
    assert.deepEqual(lines.filter((line) => line.startsWith('✘')).sort(), ['✘ one fails', '✘ two fails']);
    assert.equal(lines.filter((line) => line.includes('Error: as it must')).length, 2);
    assert.equal(lines.at(-1), '1 passed, 2 failed');
  });

  it('runs all tests by default, and all of a folder that is named', () => {
    assert.ok(testFiles([]).includes('test/**/*.test.ts'));
    assert.deepEqual(testFiles(['test/tools/', 'test/x.test.ts']), ['test/tools/**/*.test.ts', 'test/x.test.ts']);
  });
});
