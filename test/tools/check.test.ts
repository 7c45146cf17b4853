import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describeError } from '../../tools/check/causes.ts';
import { CONFIRM, listDoubtful } from '../../tools/check/confirm.ts';
import { TIMES_FILE, readTimes, slowest } from '../../tools/check/file-times.ts';
import { SEED, readSeed } from '../../tools/check/seed.ts';
import { RESULT_FILE, countLine, readTestResult, summary } from '../../tools/check/test-result.ts';
import { testFiles } from '../../tools/check/test-files.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('npm test', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'supplant-check-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  async function check(more: NodeJS.ProcessEnv, ...files: string[]): Promise<{ code: number; lines: string[] }> {
    const { [RESULT_FILE]: _counts, [TIMES_FILE]: _times, [CONFIRM]: _confirm, ...env } = process.env;
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

  it('tells what a failure was caused by, in the output and at the end', async () => {
    const nested = `throw new Error('the outer', { cause: new Error('the middle', { cause: new TypeError('the inner') }) });`;
    const property = `
      it('holds', async () => {
        const { default: fc } = await import(${JSON.stringify(import.meta.resolve('fast-check'))});
        fc.assert(fc.property(fc.nat(), (n) => { if (n >= 0) throw new Error('below nothing'); }));
      });`;
    const files = [
      testFile('thrown', `it('fails', () => { ${nested} });`),
      testFile('hook', `before(() => { ${nested} }); ${passing}`),
      testFile('property', property),
    ];
    const file = join(folder, 'result.json');
    const { lines } = await check({ [RESULT_FILE]: file }, ...files);
    const caused = (output: readonly string[]): string[] => {
      const found = output.map((line) => /Caused by: (.*)/.exec(line)?.[1]).filter((line) => line !== undefined);
      return found.toSorted();
    };
    const all = ['Error: below nothing', ...['Error: the middle', 'TypeError: the inner'].flatMap((one) => [one, one])];
    assert.deepEqual(caused(lines), all);
    assert.deepEqual(caused(summary(readTestResult(file)).split('\n')), all);
    // Where it happened, too.
    assert.ok(lines.filter((line) => /^ +at .*\/thrown\.test\.ts/.test(line)).length >= 3, lines.join('\n'));
  });

  it('shows as a cause what is no error, and ends where causes go in a circle', () => {
    const circle: Error = new Error('one', { cause: new Error('two') });
    (circle.cause as Error).cause = circle;
    const first = (lines: string[]) => lines.filter((line) => !line.trimStart().startsWith('at '));
    assert.deepEqual(first(describeError(circle, 3)), ['Error: one', 'Caused by: Error: two']);
    assert.deepEqual(first(describeError(new Error('one', { cause: { code: 7 } }), 3)), [
      'Error: one',
      'Caused by: { code: 7 }',
    ]);
  });

  it('runs files with failures again where that is asked for, and tells what passed then', async () => {
    const once = `
      it('fails by chance', async () => {
        const { existsSync, writeFileSync } = await import('node:fs');
        const mark = ${JSON.stringify(join(folder, 'ran-once'))};
        if (existsSync(mark)) return;
        writeFileSync(mark, '');
        throw new Error('as it must');
      });`;
    const file = join(folder, 'result.json');
    const files = [testFile('chance', passing + once + skipped), testFile('sound', passing + passing)];
    const { code, lines } = await check({ [RESULT_FILE]: file, [CONFIRM]: '1' }, ...files);
    assert.equal(code, 0);
    assert.equal(lines.at(-1), '4 passed, 0 failed, 1 skipped');
    assert.match(
      summary(readTestResult(file)),
      /^passed when run again: ✘ chance fails by chance\n {4}Error: as it must/,
    );
  });

  it('takes what fails twice for a failure, and runs nothing again unless asked', async () => {
    const files = [testFile('one', passing + failing), testFile('two', passing)];
    const twice = await check({ [CONFIRM]: '1' }, ...files);
    assert.equal(twice.code, 1);
    assert.equal(twice.lines.at(-1), '2 passed, 1 failed');
    assert.ok(!twice.lines.some((line) => line.startsWith('passed when run again')));
    const runs = (lines: readonly string[]): number => lines.filter((line) => line.includes('1 failing')).length;
    assert.deepEqual([runs(twice.lines), runs((await check({}, ...files)).lines)], [2, 1]);
  });

  it('does not run again what cannot be told by file, nor what is too much for chance', () => {
    const failedIn = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, file) => [`${file}`, { passed: 1, failed: 1, pending: 0 }]));
    const result = (failed: number, count: number) => ({ passed: 9, failed, pending: 0, files: failedIn(count) });
    assert.deepEqual(listDoubtful(2, result(2, 2)), ['0', '1']);
    assert.deepEqual(listDoubtful(3, result(2, 2)), [], 'mocha met something that is no test');
    assert.deepEqual(listDoubtful(2, result(2, 1)), [], 'a failure without its file');
    assert.deepEqual(listDoubtful(9, result(9, 9)), [], 'too many');
    assert.deepEqual(listDoubtful(1, { passed: 0, failed: 1, pending: 0 }), [], 'nothing was counted');
  });

  it('gives every property the seed that it was told', () => {
    assert.equal(fc.readConfigureGlobal().seed, Number(process.env[SEED] ?? fc.readConfigureGlobal().seed));
    assert.equal(readSeed({ [SEED]: '12' }), 12);
    assert.throws(
      () => readSeed({ [SEED]: '12x' }),
      /SUPPLANT_TEST_SEED must be a whole number below 1,000,000,000, not 12x/,
    );
  });

  it('names the slowest files, each with what it took and how busy it was', async () => {
    const file = join(folder, 'times.jsonl');
    const { lines } = await check({ [TIMES_FILE]: file }, testFile('one', passing), testFile('two', passing));
    const times = readTimes(file);
    assert.deepEqual(times.map((time) => basename(time.file)).toSorted(), ['one.test.ts', 'two.test.ts']);
    for (const line of slowest(times, 2)) assert.ok(lines.includes(line), lines.join('\n'));
    const slow = { file: 'slow.test.ts', seconds: 100, busy: 1.25 };
    assert.deepEqual(slowest([{ ...slow, file: 'quick.test.ts', seconds: 1 }, slow], 1), [
      '  100.0 s     1.3 s busy  slow.test.ts',
    ]);
  });

  it('runs all tests by default, and all of a folder that is named', () => {
    const all = testFiles([]);
    assert.deepEqual(all.toSorted(), globSync('test/**/*.test.ts', { cwd: ROOT }).toSorted());
    assert.deepEqual(testFiles(['test/tools/', 'test/x.test.ts']), ['test/tools/**/*.test.ts', 'test/x.test.ts']);
  });
});
