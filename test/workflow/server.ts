import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, type WorkflowBundleWithSourceMap, bundleWorkflowCode } from '@temporalio/worker';
import { nativeTool } from '../../src/native-tools.ts';
import { WORKFLOWS } from '../../src/temporal/workflow-code.ts';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/search-attributes.ts';

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The workflows as one file; made once per process, however many tests want it. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflowCode({ workflowsPath: WORKFLOWS.plain, logger: new DefaultLogger('WARN') });
  return bundle;
}

let quiet = false;

/** Tests make activities fail on purpose; what matters of it they assert. */
export function quieten(): void {
  const logging = { filter: { core: 'ERROR', other: 'ERROR' } } as const;
  if (!quiet)
    Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging }, shutdownSignals: [] });
  quiet = true;
}

/** A real Temporal server of this test file's own, on free ports, with everything in memory. */
export function startServer(dynamicConfig: string[] = []): Promise<TestWorkflowEnvironment> {
  quieten();
  const settings = ['system.enableActivityEagerExecution=true', ...dynamicConfig];
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: nativeTool('temporal') },
      searchAttributes: Object.values(SEARCH_ATTRIBUTES),
      extraArgs: settings.flatMap((setting) => ['--dynamic-config-value', setting]),
      log: { format: 'pretty', level: 'never' },
    },
  });
}
