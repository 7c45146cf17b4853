import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Mocha from 'mocha';
import { describeError } from './causes.ts';
import { type FileCounts, RESULT_FILE, type TestResult } from './test-result.ts';

/** Of an error, and of each of its causes. */
const LINES_EACH = 16;
const WORKER_REPORTER = fileURLToPath(new URL('worker-reporter.ts', import.meta.url));

/** https://mochajs.org/api/parallelbufferedrunner: what `@types/mocha` leaves out. */
interface MaybeParallel {
  isParallelMode(): boolean;
  workerReporter(path: string): unknown;
}

/** Mocha's own `spec` report; beside it, the counts and failures go to the file that {@link RESULT_FILE} names. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner & MaybeParallel, options: Mocha.MochaOptions) {
    super(runner, options);
    if (runner.isParallelMode()) runner.workerReporter(WORKER_REPORTER);
    const failures: string[] = [];
    const files: Record<string, FileCounts> = {};
    const count = (what: keyof FileCounts, { file = '' }: Mocha.Test): void => {
      const counts = files[file] ?? { passed: 0, failed: 0, pending: 0 };
      files[file] = { ...counts, [what]: counts[what] + 1 };
    };
    runner.on(Mocha.Runner.constants.EVENT_TEST_PASS, (test: Mocha.Test) => count('passed', test));
    runner.on(Mocha.Runner.constants.EVENT_TEST_PENDING, (test: Mocha.Test) => count('pending', test));
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test: Mocha.Test, error: Error) => {
      count('failed', test);
      failures.push([`✘ ${test.fullTitle()}`, ...describeError(error, LINES_EACH)].join('\n    '));
    });
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const file = process.env[RESULT_FILE];
      const { passes: passed = 0, failures: failed = 0, pending = 0 } = runner.stats ?? {};
      const result: TestResult = { passed, failed, pending, failures, files };
      if (file !== undefined) writeFileSync(file, JSON.stringify(result));
    });
  }
}
