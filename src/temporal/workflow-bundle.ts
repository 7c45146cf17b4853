import { fork } from 'node:child_process';
import type { WorkflowBundle } from '@temporalio/worker';
import { locateModule } from '../host/module-path.ts';
import type { BundleCache } from './bundle-cache.ts';

/**
 * The workflows of an entry file as one piece of code: as it was kept, or else made and kept.
 * @throws Error when they cannot be bundled; what is wrong with them is on standard error
 */
export async function loadWorkflowBundle(entry: string, digest: string, cache: BundleCache): Promise<WorkflowBundle> {
  const kept = await cache.read(digest);
  if (kept) return kept;
  const bundle = await bundleWorkflows(entry);
  await cache.keep(digest, bundle);
  return bundle;
}

/** In a process of its own: the bundler needs some 170 MiB for a second, which a worker would keep for as long as it lives. */
async function bundleWorkflows(entry: string): Promise<{ code: string }> {
  const bundler = fork(locateModule('./bundle-process', import.meta.url), [entry]);
  return new Promise((resolve, reject) => {
    bundler.once('message', (bundle: { code: string }) => resolve(bundle));
    bundler.once('error', reject);
    bundler.once('exit', (code, signal) =>
      reject(new Error(`the workflows could not be bundled (${signal ?? `exit code ${code}`})`)),
    );
  });
}
