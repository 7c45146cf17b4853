import type { Bench } from './bench.ts';
import { ServiceBench } from './service-bench.ts';

/** A rollout held where it provisions, one behind it, and a third that is on record as the fourth rollout alone. */
export async function recordAlone(bench: Bench) {
  const { activities, service } = bench;
  const desk = await ServiceBench.live(bench, 1);
  const hold = activities.hold('provision');
  const running = await desk.apply('v2');
  await hold.reached;
  await desk.apply('v3', {}, 'third');
  const { requests } = activities.store.catalogue;
  const { entry, receipt, ...answer } = (await requests.find(service, 'third'))!;
  const { revision } = entry!;
  const lost = { ...receipt!, rollout: 4, revision: 4, queuedBehind: 2 };
  await requests.save({
    ...{ ...answer, requestId: 'lost', receipt: lost, at: new Date(Date.parse(answer.at) + 1).toISOString() },
    entry: { ...entry!, number: 4, revision: { ...revision!, number: 4 } },
  });
  return { desk, hold, running, lost };
}
