import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { RESULT_FILE } from './test-result.ts';

const LINES_EACH = 12;

/** Mocha's own `spec` report; beside it, the counts and failures go to the file that {@link RESULT_FILE} names. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const failures: string[] = [];
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test: Mocha.Test, error: Error) => {
      const lines = (error.stack ?? error.message).split('\n').slice(0, LINES_EACH);
      failures.push([`✘ ${test.fullTitle()}`, ...lines].join('\n    '));
    });
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const file = process.env[RESULT_FILE];
      const { passes: passed = 0, failures: failed = 0, pending = 0 } = runner.stats ?? {};
      if (file !== undefined) writeFileSync(file, JSON.stringify({ passed, failed, pending, failures }));
    });
  }
}
