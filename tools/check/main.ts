import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { CONFIRM, listDoubtful, mergeResults } from './confirm.ts';
import { TIMES_FILE, readTimes, slowest } from './file-times.ts';
import type { Shared } from './prepare.ts';
import { ROOT, run } from './run.ts';
import { SEED, readSeed } from './seed.ts';
import { type StaticCheck, staticChecks } from './static-checks.ts';
import { testFiles } from './test-files.ts';
import { RESULT_FILE, type TestResult, countLine, onceLines, readTestResult } from './test-result.ts';

/** As many as a small machine has cores; more would only make each of them slower. */
const AT_ONCE = 2;

/** How many of the slowest files are named at the end. */
const SHOWN = 10;

const began = performance.now();
const seed = String(readSeed());
// `npm test -- FILE…` is for quick work on a few tests.
const patterns = process.argv.slice(2);
const isWhole = patterns.length === 0;
console.log(`seed of random tests: ${seed} (${SEED}=${seed} for the same once more)`);
const { failed, tests } = isWhole ? await runAll() : { failed: [], tests: await runTests(testFiles(patterns)) };

const verdict = failed.length === 0 ? 'static checks: passed' : `static checks: ${failed.join(', ')} failed`;
if (isWhole) console.log(verdict);
for (const line of tests.slowest) console.log(line);
console.log(`total: ${seconds((performance.now() - began) / 1000)}`);
for (const line of onceLines(tests.result)) console.log(line);
console.log(countLine(tests.result));
// Whoever prints the result later knows of it too: what failed is not in mocha's counts.
const resultFile = process.env[RESULT_FILE];
if (failed.length > 0 && resultFile !== undefined) {
  writeFileSync(resultFile, JSON.stringify({ ...tests.result, failures: [...(tests.result.failures ?? []), verdict] }));
}
process.exitCode = failed.length > 0 || !tests.passed ? 1 : 0;

/**
 * Static checks and tests, whatever each of them finds. What tests share is made beside the checks, since most of it is
 * waiting for downloads and processes. The tests begin as soon as fewer checks run than may: what the last one leaves of a
 * small machine would lie idle.
 */
async function runAll(): Promise<{ failed: string[]; tests: TestRun }> {
  const waiting = [...staticChecks];
  const failed: string[] = [];
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      if (!(await passes(check))) failed.push(check.title);
    }
  };
  // Not above: a few tests do without, and what it loads is most of what they would wait for.
  const sharing = import('./prepare.ts').then(({ shareAmongTests }) => shareAmongTests());
  const checks = Array.from({ length: AT_ONCE }, work);
  const testing = Promise.all([sharing, Promise.race(checks)]).then(([shared]) => runTests(testFiles([]), shared));
  try {
    const [tests] = await Promise.all([testing, ...checks]);
    return { failed, tests };
  } finally {
    await (await sharing)[Symbol.asyncDispose]();
  }
}

async function passes({ title, command, hint }: StaticCheck): Promise<boolean> {
  const { exitCode, output, seconds: took } = await run(command);
  const passed = exitCode === 0;
  console.log(`${passed ? '✔' : '✘'} ${title} (${seconds(took)})`);
  if (!passed) console.log(`${output.trimEnd()}\n  alone: ${hint}\n`);
  return passed;
}

interface TestRun {
  readonly passed: boolean;
  readonly result: TestResult;
  /** The files that took longest, as lines. */
  readonly slowest: readonly string[];
}

/** Runs tests; those files again that failed, where that is asked for. */
async function runTests(files: readonly string[], shared?: Pick<Shared, 'env' | 'envAgain'>): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'supplant-check-'));
  const resultFile = process.env[RESULT_FILE] ?? join(folder, 'result.json');
  const timesFile = process.env[TIMES_FILE] ?? join(folder, 'times.jsonl');
  rmSync(timesFile, { force: true });
  const runFiles = async (
    chosen: readonly string[],
    found: NodeJS.ProcessEnv = {},
  ): Promise<{ exitCode: number; result: TestResult }> => {
    rmSync(resultFile, { force: true });
    const env = { ...found, [RESULT_FILE]: resultFile, [TIMES_FILE]: timesFile, [SEED]: seed };
    const { exitCode } = await run(['mocha', ...chosen], { live: true, env });
    return { exitCode, result: readTestResult(resultFile) };
  };
  let { exitCode, result } = await runFiles(files, shared?.env);
  const doubtful = process.env[CONFIRM] === undefined ? [] : listDoubtful(exitCode, result);
  if (doubtful.length > 0) {
    console.log(`failed, and run once more: ${doubtful.map((file) => relative(ROOT, file)).join(', ')}`);
    const again = await runFiles(doubtful, shared?.envAgain);
    exitCode = again.exitCode;
    result = mergeResults(result, again.result);
    writeFileSync(resultFile, JSON.stringify(result));
  }
  const times = readTimes(timesFile);
  rmSync(folder, { recursive: true });
  return { passed: exitCode === 0 && result.failed === 0, result, slowest: slowest(times, SHOWN) };
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
