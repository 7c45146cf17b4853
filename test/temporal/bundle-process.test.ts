import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { WORKFLOWS } from '../../src/temporal/workflow-code.ts';

/** What Temporal's worker uses of a bundle. */
interface Entry {
  preloadModules(): void;
  importWorkflows(): object;
}

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

  it('makes a bundle whose modules are there once for all workflows of a thread', async () => {
    const bundler = fork(BUNDLER, [WORKFLOWS.plain], { silent: true });
    const [{ code }] = (await once(bundler, 'message')) as [{ code: string }];
    const modules: Record<string, unknown> = {};
    const context = createContext({ AsyncLocalStorage, TextEncoder, TextDecoder, __webpack_module_cache__: modules });
    runInContext(code, context);
    const { __TEMPORAL__: entry } = context as { __TEMPORAL__: Entry };
    entry.preloadModules();
    const shared = Object.keys(modules);
    assert.ok(shared.some((name) => name.endsWith('src/workflows/rollout/rollout.ts')));
    assert.ok('rollout' in entry.importWorkflows());
    assert.deepEqual(Object.keys(modules), shared, 'a workflow makes none of its own');
  });
});
