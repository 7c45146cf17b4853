import { createRequire } from 'node:module';
import Mocha from 'mocha';
import { exposeCauses } from './causes.ts';

type Reporter = new (runner: Mocha.Runner, options: Mocha.MochaOptions) => Mocha.reporters.Base;

/** What mocha has its workers report with, unless told: it keeps everything for the process that started them. */
const Buffered = createRequire(import.meta.url)('mocha/lib/nodejs/reporters/parallel-buffered.cjs') as Reporter;

/** For mocha's workers: failures reach the main process together with what caused them. */
export default class WorkerReporter extends Buffered {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (_test: Mocha.Test, error: unknown) => exposeCauses(error));
  }
}
