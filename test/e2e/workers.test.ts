import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, afterEach, before, describe, it } from 'mocha';
import { runningProcesses } from '../../blueprints/local-process/inventory.ts';
import { ApiError } from '../../src/contract/supplant-client.ts';
import { workflowIds } from '../../src/domain/service/requests.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { stillThereSignal } from '../../src/workflows/shared/messages.ts';
import { Installation } from './installation.ts';
import { change, command, notBegun, spec } from './platform.ts';
import type { WorkerProcess } from './worker-process.ts';

const TOOL = fileURLToPath(new URL('../../src/worker-versions.ts', import.meta.url));
const CHANGED = fileURLToPath(new URL('./changed-worker.ts', import.meta.url));
const LONG_MS = 3_600_000;
/** A request that found nobody was not begun. */
const isUnavailable = (error: unknown): boolean => {
  if (error instanceof ApiError && error.reason === 'UNAVAILABLE') return false;
  throw error;
};
/** How long a fact may take to show on a machine that does much else, in milliseconds. */
const PATIENCE_MS = 60_000;

/** Three starts of workers, one behind the other, and all they do. */
const LIMIT_MS = 300_000;

const baking = { strategy: { kind: 'blue-green', bakeMs: LONG_MS } } as const;

describe('workers of one installation, none of which a test leaves to the next', () => {
  let installation: Installation;

  before(async () => (installation = await Installation.start()));
  after(() => (installation as Installation | undefined)?.[Symbol.asyncDispose]());

  afterEach(async () => {
    await Promise.all(installation.workers.map((worker) => worker.end('SIGTERM')));
  });

  describe('a worker that stands still for longer than its heartbeats may be missing', () => {
    const service = { name: 'stalled', environment: 'test' };

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
      const receipt = await client.apply(spec(service.name, command('one', { startMs: 6_000 })), change());
      const pids = async () => (await runningProcesses(folder.stacks)).map(({ pid }) => pid);
      assert.ok(await waitUntil(PATIENCE_MS, async () => (await pids()).length > 0), 'a process of the stack');
      const { worker: stalled } = await step(receipt.rollout);
      assert.ok(stalled, 'nobody carries out the step');
      stalled.signal('SIGSTOP');
      const overtaken = await waitUntil(PATIENCE_MS, async () => {
        const { worker, attempt } = await step(receipt.rollout);
        return attempt > 1 && worker !== undefined && worker !== stalled;
      });
      stalled.signal('SIGCONT');
      assert.ok(overtaken, 'nobody took over');

      assert.equal((await client.waitForRollout(service, receipt.rollout)).outcome, 'succeeded');
      assert.equal((await pids()).length, 1);
      const events = await client.auditEvents({ rollout: `${service.name}/test#${receipt.rollout}` });
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

  describe('a rollout that is under way when an unversioned worker is replaced by one that would do otherwise', () => {
    const service = { name: 'unversioned', environment: 'test' };

    it('stands still and says why, with nothing put back, and goes on once the right code is there', async () => {
      const { client, temporal } = installation;
      const old = installation.startWorker('old');
      await old.ready;
      const receipt = await client.apply(spec(service.name, command('one'), baking), change());
      const handle = temporal.workflow.getHandle(workflowIds.rollout(service, receipt.rollout));
      const bakes = async () => (await client.rollout(service, receipt.rollout)).phase === 'bake';
      assert.ok(await waitUntil(PATIENCE_MS, () => bakes().catch(notBegun)), 'it does not bake');
      await old.end('SIGKILL');

      const wrong = installation.startWorker('wrong', { program: CHANGED });
      await wrong.ready;
      const failure = async (): Promise<string> => {
        const { events } = await handle.fetchHistory();
        const failed = events?.findLast((event) => event.workflowTaskFailedEventAttributes);
        return failed?.workflowTaskFailedEventAttributes?.failure?.message ?? '';
      };
      // Something to hear for the workflow, which needs its code.
      await handle.signal(stillThereSignal);
      assert.ok(await waitUntil(PATIENCE_MS, async () => /nondeterminism/i.test(await failure())), await failure());
      const events = await client.auditEvents({ rollout: `${service.name}/test#${receipt.rollout}` });
      assert.deepEqual(
        events.map(({ type }) => type).filter((type) => /destroy|finished|settled/.test(type)),
        [],
      );
      await wrong.end('SIGKILL');

      const right = installation.startWorker('right');
      await right.ready;
      // After some failures Temporal pauses before it tries the workflow's task again; meanwhile nobody answers.
      const act = () => client.act(service, 'promote', { actor: 'tester' });
      const answered = await waitUntil(PATIENCE_MS, () => act().then(() => true, isUnavailable));
      assert.ok(answered, 'nobody answers');
      assert.equal((await client.waitForRollout(service, receipt.rollout)).outcome, 'succeeded');
      const removal = await client.remove(service, change());
      assert.equal((await client.waitForRollout(service, removal.rollout)).outcome, 'succeeded');
    }).timeout(LIMIT_MS);
  });

  // The last: what has a current version is no longer done by workers without one.
  describe('a rollout that is under way when the workers are replaced by ones that would do otherwise', () => {
    const service = { name: 'versioned', environment: 'test' };

    const until = async (what: string, fact: () => Promise<boolean>): Promise<void> =>
      assert.ok(await waitUntil(PATIENCE_MS, () => fact().catch(notBegun)), what);

    const bakes = (number: number, key = service) =>
      until(`rollout ${number} bakes`, async () => (await installation.client.rollout(key, number)).phase === 'bake');

    /** Builds by which a workflow's tasks were completed, in order, each once. */
    const buildsOf = async (workflowId: string): Promise<string[]> => {
      const { events } = await installation.temporal.workflow.getHandle(workflowId).fetchHistory();
      const builds = (events ?? []).flatMap(
        (event) => event.workflowTaskCompletedEventAttributes?.deploymentVersion?.buildId ?? [],
      );
      return [...new Set(builds)];
    };

    const tool = async (...args: string[]): Promise<string> => {
      const env = { ...process.env, ...installation.environment, SUPPLANT_DEPLOYMENT: 'supplant' };
      return (
        await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', TOOL, ...args], { env })
      ).stdout;
    };

    it('finishes on the version it began with; the next one, and the service itself, go on with the new version', async () => {
      const { client } = installation;
      const old = installation.startWorker('old', { args: ['--deployment', 'supplant', '--build', 'a'] });
      await old.ready;
      const first = await client.apply(spec(service.name, command('one'), baking), change());
      await bakes(first.rollout);

      const next = installation.startWorker('next', { program: CHANGED, args: ['supplant', 'b'] });
      await next.ready;
      assert.match(await tool(), /^b +waiting .*\na +current/m);
      assert.match(await tool('promote', 'b'), /^b +current .*\na +draining/m);

      await client.act(service, 'promote', { actor: 'tester' });
      const status = await client.waitForRollout(service, first.rollout);
      assert.deepEqual([status.outcome, status.because], ['succeeded', undefined]);
      assert.deepEqual(await buildsOf(workflowIds.rollout(service, first.rollout)), ['a']);

      const second = await client.apply(spec(service.name, command('two')), change());
      assert.equal((await client.waitForRollout(service, second.rollout)).outcome, 'succeeded');
      assert.deepEqual(await buildsOf(workflowIds.rollout(service, second.rollout)), ['b']);
      assert.deepEqual(await buildsOf(workflowIds.service(service)), ['a', 'b']);

      await until('nothing belongs to the old version', async () => /^a +\S+ +0 running/m.test(await tool()));
      await old.end('SIGTERM');
      const removal = await client.remove(service, change());
      assert.equal((await client.waitForRollout(service, removal.rollout)).outcome, 'succeeded');
      await next.end('SIGTERM');
    }).timeout(LIMIT_MS);
  });
});
