import { after, before, describe } from 'mocha';
import { hasPython } from '../../tools/python/environment.ts';

const canRun = await hasPython();

/**
 * Tests against programs that stand for a cloud, one set of processes for all of them. Where there is no Python they are
 * skipped; not in CI, where a test that never runs would look like one that passes.
 */
export function describeWithPrograms<Programs extends AsyncDisposable>(
  title: string,
  start: () => Promise<Programs>,
  body: (running: () => Programs) => void,
): void {
  let started: Programs | undefined;
  const running = (): Programs => {
    if (!started) throw new Error('the programs are there only while the tests run');
    return started;
  };
  if (!canRun && process.env.CI !== 'true') {
    describe.skip(`${title} (to run it: apt-get install python3-venv)`, () => body(running));
    return;
  }
  describe(title, () => {
    before(async function () {
      // The first one on a machine installs them.
      this.timeout(300_000);
      started = await start();
    });
    body(running);
    // Behind those of the body, which may need them still.
    after(() => started?.[Symbol.asyncDispose]());
  });
}
