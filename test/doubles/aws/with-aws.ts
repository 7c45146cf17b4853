import { after, before, describe } from 'mocha';
import { hasPython } from '../../../tools/python/environment.ts';
import { type Emulators, shareEmulators } from './aws.ts';

const canRun = await hasPython();

/**
 * Tests against the emulators, one set of processes for all of them; {@link Emulators}. Where there is no Python they are
 * skipped; not in CI, where a test that never runs would look like one that passes.
 */
export function describeWithAws(
  title: string,
  body: (emulators: () => Emulators) => void,
  options: { ministack?: boolean } = {},
): void {
  let started: (Emulators & AsyncDisposable) | undefined;
  const running = (): Emulators => {
    if (!started) throw new Error('the emulators are there only while the tests run');
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
      started = await shareEmulators(options);
    });
    body(running);
    // Behind those of the body, which may need them still.
    after(() => started?.[Symbol.asyncDispose]());
  });
}
