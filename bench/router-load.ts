/** Load generator in a process of its own, told what to do by the process that forked it. */
import { type Dispatcher, Pool } from 'undici';
import { percentile } from './result.ts';

/** `closed`: as fast as `connections` can. `open`: this many a second, however long answers take. */
export type LoadTask = { origin: string; seconds: number } & (
  { kind: 'closed'; connections: number } | { kind: 'open'; perSecond: number }
);

export interface LoadResult {
  total: number;
  failed: number;
  perSecond: number;
  p99Ms: number;
}

const REQUEST = { path: '/', method: 'GET' } as const;

process.on('message', (task: LoadTask) => {
  void run(task).then((result) => process.send?.(result));
});
process.once('disconnect', () => process.exit());

async function run(task: LoadTask): Promise<LoadResult> {
  const pool = new Pool(task.origin, task.kind === 'closed' ? { connections: task.connections } : {});
  const latencies: number[] = [];
  let failed = 0;
  const ask = (since: number) =>
    get(pool).then(
      (status) => {
        latencies.push(performance.now() - since);
        if (status !== 200) failed += 1;
      },
      () => void (failed += 1),
    );
  const began = performance.now();
  await (task.kind === 'closed' ? closedLoop(task, began, ask) : openLoop(task, began, ask));
  const seconds = (performance.now() - began) / 1000;
  await pool.destroy();
  const total = latencies.length;
  return { total, failed, perSecond: total / seconds, p99Ms: percentile(latencies, 99) };
}

type Ask = (since: number) => Promise<void>;

async function closedLoop(task: LoadTask & { kind: 'closed' }, began: number, ask: Ask): Promise<void> {
  const until = began + task.seconds * 1000;
  const loop = async () => {
    for (let now = performance.now(); now < until; now = performance.now()) await ask(now);
  };
  await Promise.all(Array.from({ length: task.connections }, loop));
}

/** A request's time begins when it was due, so that a stall counts for all that had to wait behind it. */
async function openLoop(task: LoadTask & { kind: 'open' }, began: number, ask: Ask): Promise<void> {
  const due = (index: number) => began + (index * 1000) / task.perSecond;
  const total = task.seconds * task.perSecond;
  const asked: Promise<void>[] = [];
  while (asked.length < total) {
    while (asked.length < total && due(asked.length) <= performance.now()) asked.push(ask(due(asked.length)));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(asked);
}

/** As near to the wire as it gets, so that the generator takes little from what it measures. */
function get(pool: Pool): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let status = 0;
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => undefined,
    onResponseStart: (_controller, code) => (status = code),
    onResponseData: () => undefined,
    onResponseEnd: () => resolve(status),
    onResponseError: (_controller, error) => reject(error),
  };
  pool.dispatch(REQUEST, handler);
  return promise;
}
