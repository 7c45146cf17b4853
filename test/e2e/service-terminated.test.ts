import assert from 'node:assert/strict';
import type { Client } from '@temporalio/client';
import { workflowIds } from '../../src/domain/service/requests.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { Platform, change, command, spec } from './platform.ts';

const service = { name: 'terminated', environment: 'test' };
/** How long a fact may take to show on a machine that does much else, in milliseconds. */
const PATIENCE_MS = 90_000;

describe('a service whose workflow somebody terminates', () => {
  let platform: Platform;
  let temporal: Client;

  before(async () => {
    platform = await Platform.share();
    temporal = await platform.connectTemporal();
  });
  after(async () => {
    await (temporal as Client | undefined)?.connection.close();
    await (platform as Platform | undefined)?.dispose();
  });

  it('has one again by itself, and lets its revisions go when they are due', async () => {
    const { client } = platform;
    const keepsShortly = { retention: { warm: 1, warmForMs: 1_000 } };
    for (const name of ['one', 'two']) {
      const { rollout } = await client.apply({ ...spec('terminated', command(name)), ...keepsShortly }, change());
      assert.equal((await client.waitForRollout(service, rollout)).outcome, 'succeeded');
    }
    const handle = temporal.workflow.getHandle(workflowIds.service(service));
    const { runId } = await handle.describe();
    await handle.terminate('by mistake');
    const isBack = await waitUntil(PATIENCE_MS, async () => {
      const now = await handle.describe();
      return now.runId !== runId && now.status.name === 'RUNNING';
    });
    assert.ok(isBack, 'nobody started it again');
    const isAlone = await waitUntil(PATIENCE_MS, async () => {
      const { revisions } = await client.history(service);
      return revisions.map(({ state }) => state).join() === 'live,retired';
    });
    assert.ok(isAlone, 'its old revision stands');
    assert.equal((await client.verifyAudit()).ok, true);
  });
});
