import { Worker } from '@temporalio/worker';
import type { Bench } from './bench.ts';

/** A worker for stacks beside those of the lane. */
export interface StackWorker {
  /** Waits until it has ended. */
  end: () => Promise<void>;
}

/**
 * Serves one queue with the engine operations of a host.
 *
 * @param host its id; the lane's unless told
 * @param onOperation told of each operation that it is asked for
 */
export async function startStackWorker(
  { activities, env }: Bench,
  queue: { taskQueue: string; host?: string },
  onOperation: (name: string) => void,
): Promise<StackWorker> {
  const operations = Object.entries(activities.stackOperations(queue.host)).map(([name, operation]) => {
    const carryOut = operation as (task: unknown) => Promise<unknown>;
    return [name, async (task: unknown) => (onOperation(name), carryOut(task))];
  });
  const worker = await Worker.create({
    connection: env.nativeConnection,
    namespace: env.namespace ?? 'default',
    taskQueue: queue.taskQueue,
    activities: Object.fromEntries(operations) as object,
    maxHeartbeatThrottleInterval: 50,
  });
  const running = worker.run();
  return {
    async end() {
      worker.shutdown();
      await running;
    },
  };
}
