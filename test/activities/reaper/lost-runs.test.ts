import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunJournal } from '../../../src/activities/experiment/run-journal.ts';
import { settleLostRuns } from '../../../src/activities/reaper/lost-runs.ts';
import type { RunOutcome, RunRef } from '../../../src/domain/experiment/run.ts';
import { type Store, openStore } from '../../../src/store/store.ts';

const EXPERIMENT = { name: 'nightly', environment: 'production' };
const AT = '2026-01-02T03:04:05.678Z';

describe('runs whose workflow is gone', () => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-lost-runs-'));
    store = await openStore(join(folder, 'store.sqlite'));
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  /** @param asked what happens between the look at the runs that are open and the answer that a workflow is gone */
  async function settle(asked: (run: RunRef) => Promise<void>): Promise<{ outcome?: RunOutcome; written: string[] }> {
    const { experiments, audit } = store;
    const { status } = await experiments.runs.begin({
      ...{ experiment: EXPERIMENT, workflowId: 'experiment/a', firstRunId: 'first', trigger: 'person', actor: 'ada' },
      ...{ at: AT, deadlineAt: AT, stacks: 1 },
    });
    const workflow = async () => {
      await asked(status);
      return 'gone' as const;
    };
    await settleLostRuns({ experiments, facts: { workflow }, journal: new RunJournal(audit) });
    const { outcome } = (await experiments.runs.find(status))!.status;
    const written = (await audit.list()).map(({ type, data }) => `${type} ${data.outcome as string}`);
    return { written, ...(outcome ? { outcome } : {}) };
  }

  it('are lost where nobody has recorded an end', async () => {
    assert.deepEqual(await settle(async () => undefined), { outcome: 'lost', written: ['run.ended lost'] });
  });

  it('keep the end that the workflow has recorded last', async () => {
    const end = async (run: RunRef): Promise<void> => {
      const { status } = (await store.experiments.runs.find(run))!;
      await store.experiments.runs.save({ ...status, outcome: 'succeeded', endedAt: AT });
    };
    assert.deepEqual(await settle(end), { outcome: 'succeeded', written: [] });
  });
});
