import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, it } from 'mocha';
import { isAlive } from '../../src/host/process-identity.ts';
import { STORE_VARIABLE } from '../../src/store/place.ts';
import { PASSWORD } from '../postgres/new-cluster.ts';
import { describeWithPostgres } from '../postgres/with-postgres.ts';
import { Platform, change, command, spec } from './platform.ts';

const service = { name: 'web', environment: 'test' };

describeWithPostgres('Supplant with its record and its state in Postgres', (cluster) => {
  let platform: Platform;

  before(async () => {
    platform = await Platform.start({ env: { [STORE_VARIABLE]: await cluster().createDatabase() } });
  });
  after(() => (platform as Platform | undefined)?.dispose());

  it('completes a rollout during which Postgres crashes, with the same worker, and every event once', async () => {
    const worker = platform.lease().parts.worker;
    const receipt = await platform.client.apply(spec('web', command('one', { startMs: 1_500 })), change());
    await platform.until('a process of the stack', async () => (await platform.pids()).length > 0);
    await cluster().stop('immediate');
    await cluster().start();

    assert.equal((await platform.client.waitForRollout(service, receipt.rollout)).outcome, 'succeeded');
    const events = await platform.client.auditEvents({ rollout: 'web/test#1' });
    assert.deepEqual(
      events.map(({ type }) => type),
      [
        ...['rollout.requested', 'rollout.started', 'stack.provisioning', 'stack.provisioned', 'check.judged'],
        // The check in the bake, unanswered requests, and restarts.
        ...['route.changing', 'route.changed', 'check.judged', 'check.judged', 'check.judged'],
        ...['rollout.settled', 'rollout.finished'],
      ],
    );
    const verdict = await platform.client.verifyAudit();
    assert.equal(verdict.ok, true);
    assert.ok(worker && isAlive(worker));
    assert.equal(existsSync(platform.folder.store), false);
    assert.equal(existsSync(join(platform.folder.stacks, 'state')), false);
  });

  it('shows its password nowhere: neither in a log nor in what it prints', async () => {
    const said = [platform.output, await platform.logOf('worker'), await platform.logOf('gateway')].join('\n');
    for (const secret of [PASSWORD, encodeURIComponent(PASSWORD)]) assert.ok(!said.includes(secret));
  });
});
