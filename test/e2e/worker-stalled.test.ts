import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { runningProcesses } from '../../blueprints/local-process/inventory.ts';
import { workflowIds } from '../../src/domain/requests.ts';
import { holdsWithin } from '../../src/host/polling.ts';
import { Installation } from './installation.ts';
import { change, command, spec } from './platform.ts';
import type { WorkerProcess } from './worker-process.ts';

const service = { name: 'web', environment: 'test' };
/** How long a fact may take to show on a machine that does much else, in milliseconds. */
const PATIENCE_MS = 60_000;

describe('a worker that stands still for longer than its heartbeats may be missing', () => {
  let installation: Installation;

  before(async () => (installation = await Installation.start()));
  after(() => (installation as Installation | undefined)?.[Symbol.asyncDispose]());

  /** Who carries out the step that lasts, and for the how manieth time it was begun. */
  const step = async (rollout: number): Promise<{ worker: WorkerProcess | undefined; attempt: number }> => {
    const handle = installation.temporal.workflow.getHandle(workflowIds.rollout(service, rollout));
    const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
    const worker = installation.workers.find(({ pid }) => pending?.lastWorkerIdentity?.startsWith(`${pid}@`));
    return { worker, attempt: pending?.attempt ?? 0 };
  };

  it('is overtaken by another one, and does no harm when it goes on: one stack, everything recorded once', async () => {
    const { client, folder } = installation;
    await Promise.all(['one', 'two'].map((name) => installation.startWorker(name).ready));
    const ticket = await client.apply(spec('web', command('one', { startMs: 6_000 })), change());
    const pids = async () => (await runningProcesses(folder.stacks)).map(({ pid }) => pid);
    assert.ok(await holdsWithin(PATIENCE_MS, async () => (await pids()).length > 0), 'a process of the stack');
    const { worker: stalled } = await step(ticket.rollout);
    assert.ok(stalled, 'nobody carries out the step');
    stalled.signal('SIGSTOP');
    const overtaken = await holdsWithin(PATIENCE_MS, async () => {
      const { worker, attempt } = await step(ticket.rollout);
      return attempt > 1 && worker !== undefined && worker !== stalled;
    });
    stalled.signal('SIGCONT');
    assert.ok(overtaken, 'nobody took over');

    assert.equal((await client.waitForRollout(service, ticket.rollout)).outcome, 'succeeded');
    assert.equal((await pids()).length, 1);
    const events = await client.auditEvents({ rollout: `web/test#${ticket.rollout}` });
    const keys = events.map(({ type }) => type);
    assert.deepEqual(
      keys.filter((type) => type.startsWith('stack.')),
      ['stack.provisioning', 'stack.provisioned'],
    );
    assert.equal(keys.filter((type) => type === 'rollout.finished').length, 1);
    assert.equal((await client.verifyAudit()).ok, true);

    const removal = await client.remove(service, change());
    assert.equal((await client.waitForRollout(service, removal.rollout)).outcome, 'succeeded');
    assert.deepEqual(await pids(), []);
  });
});
