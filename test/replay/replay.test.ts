import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DefaultLogger, type WorkflowBundleOption, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { before, describe, it } from 'mocha';
import { LONG_SCENARIOS, SCENARIOS } from '../../tools/replay/scenarios.ts';
import { quieten, workflowBundle } from '../workflow/server.ts';
import { type RecordedHistory, recordedHistories } from './histories.ts';

/** What does not replay, and why. */
async function divergences(bundle: WorkflowBundleOption, histories: RecordedHistory[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const names = new Map(histories.map(({ workflowId, name }) => [workflowId, name]));
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: bundle }, histories)) {
    if (error) found.set(names.get(workflowId) ?? workflowId, error.message);
  }
  return found;
}

describe('recorded histories', () => {
  before(quieten);

  it('are there for every scenario, whole', () => {
    const names = recordedHistories().map(({ name }) => name);
    assert.deepEqual(names.toSorted(), Object.keys({ ...SCENARIOS, ...LONG_SCENARIOS }).toSorted());
    for (const { name, history } of recordedHistories()) assert.ok((history.events?.length ?? 0) > 5, name);
  });

  it('replay on the workflows as they are', async () => {
    assert.deepEqual(await divergences(await workflowBundle(), recordedHistories()), new Map());
  });

  it('would not replay on workflows that do otherwise', async () => {
    const workflowsPath = join(import.meta.dirname, 'changed-workflows.ts');
    const changed = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
    const success = recordedHistories().filter(({ name }) => name === 'success' || name === 'teardown');
    const found = await divergences(changed, success);
    assert.deepEqual([...found.keys()], ['success']);
    assert.match(found.get('success') ?? '', /nondeterminism/i);
  });
});
