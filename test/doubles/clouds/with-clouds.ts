import { after, before, describe } from 'mocha';
import { hasPython } from '../../../tools/python/environment.ts';
import type { Served } from './program.ts';

const canRun = await hasPython();

/**
 * Tests against a program that stands for a cloud's service, one process for all of them. Where there is no Python they are
 * skipped; not in CI, where a test that never runs would look like one that passes.
 */
export function describeWithCloud(
  title: string,
  start: () => Promise<Served>,
  body: (served: () => Served) => void,
): void {
  let started: Served | undefined;
  const running = (): Served => {
    if (!started) throw new Error('the program is there only while the tests run');
    return started;
  };
  if (!canRun && process.env.CI !== 'true') {
    describe.skip(`${title} (to run it: apt-get install python3-venv)`, () => body(running));
    return;
  }
  describe(title, () => {
    before(async function () {
      // The first one on a machine installs it.
      this.timeout(300_000);
      started = await start();
    });
    body(running);
    after(() => started?.[Symbol.asyncDispose]());
  });
}
