import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { WORKFLOWS } from '../../src/temporal/workflow-code.ts';

const BUNDLER = fileURLToPath(new URL('../../src/temporal/bundle-process.ts', import.meta.url));

describe('the process that bundles workflows', () => {
  // What the worker that forked it has said last is the reason for its end.
  it('says nothing when who forked it has ended meanwhile', async () => {
    const bundler = fork(BUNDLER, [WORKFLOWS.plain], { silent: true });
    const [errors] = await Promise.all([
      text(bundler.stderr!),
      once(bundler, 'exit'),
      once(bundler, 'spawn').then(() => bundler.disconnect()),
    ]);
    assert.equal(bundler.exitCode, 0, errors);
    assert.doesNotMatch(errors, /Error/);
  });
});
