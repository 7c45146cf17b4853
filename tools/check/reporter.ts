import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { RESULT_FILE } from './test-result.ts';

/** Mocha's own `spec` report; beside it, the counts go to the file that {@link RESULT_FILE} names. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const file = process.env[RESULT_FILE];
      const { passes: passed = 0, failures: failed = 0, pending = 0 } = runner.stats ?? {};
      if (file !== undefined) writeFileSync(file, JSON.stringify({ passed, failed, pending }));
    });
  }
}
