import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { ApiError } from '../../src/contract/supplant-client.ts';
import { workflowIds } from '../../src/domain/service/requests.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import { Installation } from './installation.ts';
import { change, command, spec } from './platform.ts';

const WEB = { name: 'web', environment: 'test' };
const OTHER = { name: 'other', environment: 'test' };
const QUEUED = 45;

/** A manifest nearly as large as one may be: 16 values of 3,700 characters, of which one differs. */
function large(version: number): ServiceSpec {
  const { name, config } = command('large');
  const env = Object.fromEntries(
    Array.from({ length: 16 }, (_, index) => [`VALUE_${index}`, `${index === 0 ? version : index}`.padEnd(3_700, 'x')]),
  );
  const described = spec(
    'web',
    { name, config: { ...config, env } },
    { strategy: { kind: 'blue-green', bakeMs: 600_000 } },
  );
  assert.ok(JSON.stringify(described).length > 59_000);
  return described;
}

describe(`${QUEUED} releases of nearly 60 KB each, not waited for`, () => {
  let installation: Installation;

  before(async () => (installation = await Installation.start()));
  after(() => (installation as Installation | undefined)?.[Symbol.asyncDispose]());

  it('wedge nothing: going back, aborting, dropping, removing and listing work, and others are not touched', async () => {
    const { client, temporal } = installation;
    await installation.startWorker('one').ready;
    const other = await client.apply(spec('other', command('other')), change());
    const first = await client.apply(spec('web', command('first')), change());
    for (const [service, { rollout }] of [
      [OTHER, other],
      [WEB, first],
    ] as const) {
      assert.equal((await client.waitForRollout(service, rollout)).outcome, 'succeeded');
    }
    const handle = temporal.workflow.getHandle(workflowIds.service(WEB));
    const { runId } = await handle.describe();
    const receipts = [];
    for (let version = 1; version <= QUEUED; version += 1) receipts.push(await client.apply(large(version), change()));
    const [running] = receipts;
    assert.equal(receipts.at(-1)?.queuedBehind, QUEUED - 1);

    const listed = await client.services();
    assert.deepEqual(
      listed.map(({ status }) => [status.spec.service.name, status.live, status.queue.length]),
      [
        ['other', 1, 0],
        ['web', 1, QUEUED - 1],
      ],
    );
    assert.ok(listed.every(({ status }) => status.trouble === undefined));
    const [, next, ...others] = receipts;
    for (const { rollout } of others) await client.removeQueued(WEB, rollout, change());
    await client.act(WEB, 'abort', { rollout: running!.rollout, actor: 'tester' });
    assert.equal((await client.waitForRollout(WEB, running!.rollout)).outcome, 'aborted');
    // It ends the deployment that it leads away from.
    const back = await client.rollback(WEB, 1, change());
    assert.equal((await client.waitForRollout(WEB, next!.rollout)).outcome, 'aborted');
    assert.equal((await client.waitForRollout(WEB, back.rollout)).outcome, 'succeeded');

    const removal = await client.remove(WEB, change());
    assert.equal((await client.waitForRollout(WEB, removal.rollout)).outcome, 'succeeded');
    assert.deepEqual(
      (await client.services()).map(({ status }) => status.spec.service),
      [OTHER],
    );
    // One run from the first release to the removal: nobody terminated it, and no task of it failed.
    const { events } = await temporal.workflow.getHandle(workflowIds.service(WEB), runId).fetchHistory();
    assert.equal((events ?? []).filter((event) => event.workflowTaskFailedEventAttributes).length, 0);
    const largest = Math.max(...(events ?? []).map((event) => Buffer.byteLength(JSON.stringify(event))));
    assert.ok(largest < 64 * 1024, `an event of ${largest} bytes`);
    assert.equal((await client.verifyAudit()).ok, true);
  });

  it('are refused with the figure from 100 on', async () => {
    const { client } = installation;
    const version = (number: number) =>
      spec('web', command(`v${number}`), { strategy: { kind: 'blue-green', bakeMs: 600_000 } });
    const first = await client.apply(version(1), change());
    let refused: unknown;
    let taken = 0;
    for (let number = 2; number <= 110 && refused === undefined; number += 1) {
      await client.apply(version(number), change()).then(
        () => (taken += 1),
        (error: unknown) => (refused = error),
      );
    }
    assert.ok(refused instanceof ApiError);
    assert.equal(refused.reason, 'REFUSED');
    assert.match(refused.message, /100 rollouts of web\/test wait already, which is as many as may/);
    assert.equal((await client.view(WEB)).status.queue.length, 100);
    assert.ok(taken >= 99);
    await client.act(WEB, 'abort', { rollout: first.rollout, actor: 'tester' });
  });
});
