import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Runtime, type WorkflowBundle, makeTelemetryFilterString } from '@temporalio/worker';
import { findProgramCache } from '../../src/host/program-cache.ts';
import { findNativeTool } from '../../src/native-tools.ts';
import { BundleCache } from '../../src/temporal/bundle-cache.ts';
import { loadWorkflowBundle } from '../../src/temporal/workflow-bundle.ts';
import { computeWorkflowDigest } from '../../src/temporal/workflow-code.ts';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/shared/search-attributes.ts';
import { createSdkLogger } from './sdk-log.ts';
import { SETTINGS, SHARED_SERVER } from './shared-server.ts';

/** The workflows, and one that starts them as their own would. */
const WITH_STARTER = fileURLToPath(new URL('workflows.ts', import.meta.url));

let bundle: Promise<WorkflowBundle> | undefined;

/** The workflows as one file; made once for the same sources, however many tests and processes want it. */
export function workflowBundle(): Promise<WorkflowBundle> {
  bundle ??= bundleOnce();
  return bundle;
}

async function bundleOnce(): Promise<WorkflowBundle> {
  const cache = findProgramCache('test-workflows');
  if (cache === undefined) throw new Error('node_modules/.cache cannot be written');
  return loadWorkflowBundle(WITH_STARTER, await computeWorkflowDigest(WITH_STARTER), new BundleCache(cache));
}

let quiet = false;

/** Tests make activities fail on purpose; what matters of it they assert. */
export function quieten(): void {
  const logging = { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} };
  if (!quiet) Runtime.install({ logger: createSdkLogger(), telemetryOptions: { logging }, shutdownSignals: [] });
  quiet = true;
}

/** A real Temporal server with everything in memory: the one that all share, or where a test wants settings its own. */
export function startServer(dynamicConfig: string[] = []): Promise<TestWorkflowEnvironment> {
  quieten();
  const address = process.env[SHARED_SERVER];
  if (address !== undefined && dynamicConfig.length === 0) return connect(address);
  const settings = [...SETTINGS, ...dynamicConfig];
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: findNativeTool('temporal') },
      searchAttributes: Object.values(SEARCH_ATTRIBUTES),
      extraArgs: settings.flatMap((setting) => ['--dynamic-config-value', setting]),
      log: { format: 'pretty', level: 'never' },
    },
  });
}

/** A server that is there already. */
export function connect(address: string): Promise<TestWorkflowEnvironment> {
  quieten();
  return TestWorkflowEnvironment.createFromExistingServer({ address });
}
