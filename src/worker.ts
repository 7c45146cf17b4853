import { parseArgs } from 'node:util';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { type DataFolder, dataFolder } from './data-folder.ts';
import { nativeTool } from './native-tools.ts';
import { openStore } from './store/store.ts';
import { createPulumiDriver } from './stacks/pulumi/driver.ts';
import { ensureSearchAttributes } from './temporal/search-attributes.ts';
import { TASK_QUEUE, temporalTarget } from './temporal/target.ts';
import { bundleWorkflows } from './temporal/workflow-bundle.ts';
import { Workers } from './temporal/workers.ts';
import { EmbeddedRouter } from './traffic/embedded/client.ts';

/**
 * Runs a worker until it is told to stop: `node src/worker.ts [--data DIR]`. Finds Temporal by the standard `TEMPORAL_*`
 * environment. Prints `worker ready` once it takes work.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string' } } });
  const folder = dataFolder(values.data ?? process.env.SUPPLANT_DATA ?? '.supplant');
  Runtime.install({ logger: new DefaultLogger('INFO', logLine), shutdownSignals: ['SIGINT', 'SIGTERM'] });
  await work(folder);
}

async function work(folder: DataFolder): Promise<void> {
  const { connectionOptions, namespace = 'default' } = temporalTarget();
  const bundling = bundleWorkflows();
  // Awaited below: until then a failure must not count as unhandled.
  bundling.catch(() => undefined);
  const store = await openStore(folder.store);
  const stacks = await createPulumiDriver({ dataDir: folder.stacks, pulumiPath: nativeTool('pulumi'), log: note });
  const router = new EmbeddedRouter({ socketPath: folder.routerSocket });
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    await ensureSearchAttributes(connection, namespace);
    const ports = { stacks, router, audit: store.audit, catalogue: store.catalogue };
    const workflowBundle = await bundling;
    const workers = await Workers.create({ connection, namespace, taskQueue: TASK_QUEUE, ports, workflowBundle });
    const running = workers.run();
    console.log('worker ready');
    await running;
  } finally {
    await connection.close();
    await router.close();
    await stacks.close();
    await store.close();
  }
}

function note(level: string, message: string, fields: object = {}): void {
  console.error(JSON.stringify({ at: new Date().toISOString(), level, message, ...fields }));
}

function logLine({
  level,
  timestampNanos,
  message,
  meta,
}: {
  level: string;
  timestampNanos: bigint;
  message: string;
  meta?: object;
}): void {
  console.error(
    JSON.stringify({ at: new Date(Number(timestampNanos / 1_000_000n)).toISOString(), level, message, ...meta }),
  );
}

main().catch((error: unknown) => {
  note(
    'ERROR',
    error instanceof Error ? error.message : String(error),
    error instanceof Error ? { stack: error.stack } : {},
  );
  process.exit(1);
});
