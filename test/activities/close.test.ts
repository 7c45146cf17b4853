import assert from 'node:assert/strict';
import { MockActivityEnvironment } from '@temporalio/testing';
import { Journal } from '../../src/activities/journal.ts';
import { type CloseTask, recordActivities } from '../../src/activities/record.ts';
import { createRecorder } from '../../src/activities/recorder.ts';
import type { RolloutOutcome } from '../../src/domain/rollout/rollout.ts';
import { type Store, openStore } from '../../src/store/store.ts';
import { temporaryPath } from '../store/audit/temporary-store.ts';
import { spec } from '../e2e/platform.ts';

const service = { name: 'web', environment: 'test' };
const AT = '2026-11-25T03:00:00.000Z';

describe('the end of a rollout', () => {
  let folder: Awaited<ReturnType<typeof temporaryPath>>;
  let store: Store;
  let records: ReturnType<typeof recordActivities>;

  before(async () => {
    folder = await temporaryPath();
    store = await openStore(folder.path);
    records = recordActivities(createRecorder(store));
  });
  after(async () => {
    await store.close();
    await folder[Symbol.asyncDispose]();
  });

  const task = (number: number, actor: string, outcome: RolloutOutcome, because?: string): CloseTask => ({
    ref: { service, number, actor },
    kind: 'deploy',
    startedAt: AT,
    at: AT,
    outcome,
    ...(because === undefined ? {} : { because }),
  });
  const close = (each: CloseTask): Promise<unknown> => new MockActivityEnvironment().run(() => records.close(each));
  const ends = async (number: number): Promise<unknown[]> => {
    const events = await store.audit.list({ rollout: `web/test#${number}` });
    return events.filter(({ type }) => type === 'rollout.finished').map(({ actor, data }) => [actor, data.outcome]);
  };

  for (const [number, second] of [
    [1, 'failed'],
    [2, 'succeeded'],
  ] as const) {
    it(`is the first one on record, when its service finds it ${second} after it was terminated`, async () => {
      await store.catalogue.saveService(spec('web', { name: 'local-process', config: {} }), 1);
      await close(task(number, 'ada', 'succeeded'));
      await close(task(number, 'supplant', second, 'the rollout was terminated'));
      assert.deepEqual(await ends(number), [['ada', 'succeeded']]);
      const [found] = await store.catalogue.rollouts(service);
      assert.deepEqual([found?.actor, found?.outcome, found?.because], ['ada', 'succeeded', undefined]);
    });
  }

  it('reaches the catalogue as it was decided, when only the audit log had it', async () => {
    const ref = { service, number: 3, actor: 'ada' };
    await new Journal(store.audit).write(ref, 'rollout.finished', 'end', { outcome: 'aborted' }, 'too slow');
    await close(task(3, 'supplant', 'failed', 'the rollout was terminated'));
    const [found] = await store.catalogue.rollouts(service);
    assert.deepEqual([found?.outcome, found?.because], ['aborted', 'too slow']);
  });
});
