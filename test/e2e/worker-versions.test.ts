import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'mocha';
import { ApiError } from '../../src/client/api.ts';
import { workflowIds } from '../../src/domain/requests.ts';
import { holdsWithin } from '../../src/host/polling.ts';
import { stillThereSignal } from '../../src/workflows/messages.ts';
import { Installation } from './installation.ts';
import { change, command, spec } from './platform.ts';

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

const service = { name: 'web', environment: 'test' };
const baking = { strategy: { kind: 'blue-green', bakeMs: LONG_MS } } as const;

describe('a rollout that is under way when the workers are replaced by ones that would do otherwise', () => {
  let installation: Installation;

  before(async () => (installation = await Installation.start()));
  after(() => (installation as Installation | undefined)?.[Symbol.asyncDispose]());

  const until = async (what: string, fact: () => Promise<boolean>): Promise<void> =>
    assert.ok(await holdsWithin(PATIENCE_MS, fact), what);

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
    const first = await client.apply(spec('web', command('one'), baking), change());
    await bakes(first.rollout);

    const next = installation.startWorker('next', { program: CHANGED, args: ['supplant', 'b'] });
    await next.ready;
    assert.match(await tool(), /^b +waiting .*\na +current/m);
    assert.match(await tool('promote', 'b'), /^b +current .*\na +draining/m);

    await client.act(service, 'promote', { actor: 'tester' });
    const status = await client.waitForRollout(service, first.rollout);
    assert.deepEqual([status.outcome, status.because], ['succeeded', undefined]);
    assert.deepEqual(await buildsOf(workflowIds.rollout(service, first.rollout)), ['a']);

    const second = await client.apply(spec('web', command('two')), change());
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

describe('a rollout that is under way when an unversioned worker is replaced by one that would do otherwise', () => {
  let installation: Installation;

  before(async () => (installation = await Installation.start()));
  after(() => (installation as Installation | undefined)?.[Symbol.asyncDispose]());

  it('stands still and says why, with nothing put back, and goes on once the right code is there', async () => {
    const { client, temporal } = installation;
    const old = installation.startWorker('old');
    await old.ready;
    const ticket = await client.apply(spec('web', command('one'), baking), change());
    const handle = temporal.workflow.getHandle(workflowIds.rollout(service, ticket.rollout));
    const bakes = async () => (await client.rollout(service, ticket.rollout)).phase === 'bake';
    assert.ok(await holdsWithin(PATIENCE_MS, bakes), 'it does not bake');
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
    assert.ok(await holdsWithin(PATIENCE_MS, async () => /nondeterminism/i.test(await failure())), await failure());
    const events = await client.auditEvents({ rollout: `web/test#${ticket.rollout}` });
    assert.deepEqual(
      events.map(({ type }) => type).filter((type) => /destroy|finished|settled/.test(type)),
      [],
    );
    await wrong.end('SIGKILL');

    const right = installation.startWorker('right');
    await right.ready;
    // After some failures Temporal pauses before it tries the workflow's task again; meanwhile nobody answers.
    const act = () => client.act(service, 'promote', { actor: 'tester' });
    const answered = await holdsWithin(PATIENCE_MS, () => act().then(() => true, isUnavailable));
    assert.ok(answered, 'nobody answers');
    assert.equal((await client.waitForRollout(service, ticket.rollout)).outcome, 'succeeded');
    const removal = await client.remove(service, change());
    assert.equal((await client.waitForRollout(service, removal.rollout)).outcome, 'succeeded');
  }).timeout(LIMIT_MS);
});
