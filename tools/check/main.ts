import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';
import { type StaticCheck, staticChecks } from './static-checks.ts';
import { testFiles } from './test-files.ts';
import { RESULT_FILE, type TestResult, countLine, readTestResult } from './test-result.ts';

/** As many as a small machine has cores; more would only make each of them slower. */
const AT_ONCE = 2;

const began = performance.now();
// `npm test -- FILE…` is for quick work on a few tests.
const patterns = process.argv.slice(2);
const isWhole = patterns.length === 0;
const failed = isWhole ? await runStaticChecks() : [];
const tests = await runTests(testFiles(patterns));

if (isWhole) console.log(failed.length === 0 ? 'static checks: passed' : `static checks: ${failed.join(', ')} failed`);
console.log(`total: ${seconds((performance.now() - began) / 1000)}`);
console.log(countLine(tests.result));
process.exitCode = failed.length > 0 || tests.exitCode !== 0 || tests.result.failed > 0 ? 1 : 0;

/** Runs all of them, whatever each of them finds, and returns the titles of those that found something. */
async function runStaticChecks(): Promise<string[]> {
  const waiting = [...staticChecks];
  const failures: string[] = [];
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      if (!(await passes(check))) failures.push(check.title);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failures;
}

async function passes({ title, command, hint }: StaticCheck): Promise<boolean> {
  const { exitCode, output, seconds: took } = await run(command);
  const passed = exitCode === 0;
  console.log(`${passed ? '✔' : '✘'} ${title} (${seconds(took)})`);
  if (!passed) console.log(`${output.trimEnd()}\n  alone: ${hint}\n`);
  return passed;
}

async function runTests(files: readonly string[]): Promise<{ exitCode: number; result: TestResult }> {
  const folder = mkdtempSync(join(tmpdir(), 'supplant-check-'));
  const resultFile = process.env[RESULT_FILE] ?? join(folder, 'result.json');
  rmSync(resultFile, { force: true });
  const { exitCode } = await run(['mocha', ...files], { live: true, env: { [RESULT_FILE]: resultFile } });
  const result = readTestResult(resultFile);
  rmSync(folder, { recursive: true });
  return { exitCode, result };
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
