import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Command } from '../../src/domain/service/requests.ts';
import { type History, replay } from './replays.ts';
import { ServiceBench, refusal } from './service-bench.ts';
import { benchForEach } from './suite.ts';

const IN_TIME_MS = 8_000;

const IN_PLACE: Command['asked'][] = [{ kind: 'rollback' }, { kind: 'restart' }, { kind: 'pin', revision: 1 }];

/*
 * Temporal's core goes on with the clock of a task that the server has given out once more, where its worker stood still meanwhile. What is in
 * the history is the task that came later.
 */
describe('a service whose worker has stood still can be gone on with by another one', () => {
  const bench = benchForEach();

  for (const asked of IN_PLACE) {
    it(`after a request that was in time by the clock of the first task (${asked.kind})`, async () => {
      const desk = await ServiceBench.live(bench(), 2);
      await desk.ask(asked, 'in-time', new Date(Date.now() + IN_TIME_MS).toISOString());
      await expectReplay(desk, IN_TIME_MS + 2_000);
    });
  }

  it('after one that was late only when its release was looked at', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    bench().activities.on('describe', async (effect) => {
      await bench().visible(async () => Date.now() > Date.parse(expiresAt) + 100);
      return effect();
    });
    assert.equal((await refusal(desk.apply('v2', {}, 'late', expiresAt))).type, 'Expired');
    await expectReplay(desk, 1_600);
  });

  /** With the last request's task begun so much later than the worker has taken it. */
  async function expectReplay(desk: ServiceBench, laterMs: number): Promise<void> {
    const history = await desk.handle.fetchHistory();
    delayTask(history, laterMs);
    assert.deepEqual(await replay([{ workflowId: desk.handle.workflowId, history }]), []);
  }

  function delayTask({ events }: History, laterMs: number): void {
    const accepted = events?.findLastIndex((event) => event.workflowExecutionUpdateAcceptedEventAttributes) ?? -1;
    const started = events?.slice(0, accepted).findLast((event) => event.workflowTaskStartedEventAttributes);
    assert.ok(started?.eventTime?.seconds, 'no task was begun before the request was accepted');
    started.eventTime.seconds = started.eventTime.seconds.add(Math.ceil(laterMs / 1_000));
  }
});
