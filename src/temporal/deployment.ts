import type { WorkerDeploymentOptions } from '@temporalio/worker';
import { readPackageVersion } from '../package-version.ts';

/** One version of the workers that serve a task queue; Temporal hands each workflow to the version it belongs to. */
export interface WorkerVersion {
  /** Names the workers that replace each other: `supplant`. */
  deployment: string;
  /** Names the code they run. */
  build: string;
}

/** As many digits of a digest as tell builds apart. */
const DIGITS = 12;
/** Temporal joins both with a dot or a colon, and people type them. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
const BUILD = /^[A-Za-z0-9][A-Za-z0-9_.+-]*$/;

/**
 * What a worker was told to be. Undefined where nobody named a deployment: then it takes whatever there is to do. The
 * build is, unless told, the package's version and what the workflow code is (`workflowDigest`), so that workers with
 * the same workflows are the same version, and others never are.
 * @throws Error naming everything that is wrong with the names
 */
export async function resolveWorkerVersion(
  { deployment, build }: { deployment?: string | undefined; build?: string | undefined },
  digest: string,
): Promise<WorkerVersion | undefined> {
  const faults = [
    deployment === undefined && build !== undefined
      ? `build ${build} belongs to no deployment; name one, too, with --deployment or SUPPLANT_DEPLOYMENT`
      : '',
    deployment !== undefined && !NAME.test(deployment)
      ? `deployment '${deployment}' is not a name; use letters, digits, - and _`
      : '',
    build !== undefined && !BUILD.test(build)
      ? `build '${build}' is not a name; use letters, digits, and any of -_.+`
      : '',
  ].filter((fault) => fault !== '');
  if (faults.length > 0) throw new Error(faults.join('; '));
  if (deployment === undefined) return undefined;
  return { deployment, build: build ?? `${readPackageVersion()}-${digest.slice(0, DIGITS)}` };
}

/**
 * Workflows that say nothing else finish on the version they began with: what lasts for hours has an end, and the code
 * it began with is right for it.
 */
export function deploymentOptions({ deployment, build }: WorkerVersion): WorkerDeploymentOptions {
  return {
    version: { deploymentName: deployment, buildId: build },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'PINNED',
  };
}
