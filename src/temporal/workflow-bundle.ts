import { fork } from 'node:child_process';
import type { WorkflowBundle } from '@temporalio/worker';

/**
 * Bundles the workflows, in a process of its own: the bundler needs some 170 MiB for a second, which a worker would keep
 * for as long as it lives.
 * @throws Error when they cannot be bundled; what is wrong with them is on standard error
 */
export async function bundleWorkflows(): Promise<WorkflowBundle> {
  const bundler = fork(new URL('./bundle-process.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    bundler.once('message', (bundle: WorkflowBundle) => resolve(bundle));
    bundler.once('error', reject);
    bundler.once('exit', (code, signal) =>
      reject(new Error(`the workflows could not be bundled (${signal ?? `exit code ${code}`})`)),
    );
  });
}
