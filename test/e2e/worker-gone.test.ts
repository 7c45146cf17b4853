import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { isAlive } from '../../src/host/process-identity.ts';
import { Platform, change, command, spec } from './platform.ts';

const service = { name: 'web', environment: 'test' };

describe('a worker that is gone', () => {
  let platform: Platform;

  before(async () => (platform = await Platform.start()));
  after(() => (platform as Platform | undefined)?.dispose());

  it('has a request that meets nobody refused, with nothing started, then or later', async () => {
    const worker = platform.partPid('worker');
    process.kill(worker, 'SIGSTOP');
    try {
      const asked = platform.client.apply(spec('web', command('one')), change());
      await assert.rejects(asked, { reason: 'UNAVAILABLE' });
    } finally {
      process.kill(worker, 'SIGCONT');
    }
    assert.ok(isAlive(platform.lease().parts.worker ?? { pid: 0, started: '' }));
    // The worker is back once it answers something else; whatever it found waiting was looked at before that.
    const other = { ...spec('other', command('other')) };
    const receipt = await platform.client.apply(other, change());
    await platform.client.waitForRollout(other.service, receipt.rollout);
    await assert.rejects(platform.client.view(service), { reason: 'NOT_FOUND' });
    assert.deepEqual(await platform.client.auditEvents({ subject: 'web/test' }), []);
    const removal = await platform.client.remove(other.service, change());
    assert.equal((await platform.client.waitForRollout(other.service, removal.rollout)).outcome, 'succeeded');
  });

  it('killed while it creates a stack, is followed by one that completes the rollout: one set of processes, nothing recorded twice or not at all', async () => {
    const slow = spec('web', command('one', { startMs: 2_500 }));
    const receipt = await platform.client.apply(slow, change());
    await platform.until('a process of the stack', async () => (await platform.pids()).length > 0);
    const killed = platform.partPid('worker');
    process.kill(killed, 'SIGKILL');
    await platform.until('another worker', () => {
      const part = platform.lease().parts.worker;
      return part !== undefined && part.pid !== killed && isAlive(part);
    });

    const rollout = await platform.client.waitForRollout(service, receipt.rollout);
    assert.equal(rollout.outcome, 'succeeded');
    assert.equal((await platform.pids('web-test-r1')).length, 1);
    assert.equal((await platform.pids()).length, 1);
    // Whoever starts first says so; the heartbeat may have been missed by then.
    assert.match(
      await platform.logOf('worker'),
      /a worker was killed; what it had in hand is begun again","activities":1/,
    );
    // One engine run, as the engine itself counts: it went on without its worker.
    const runs = await readdir(`${platform.folder.stacks}/state/.pulumi/history/test/web-test-r1`);
    assert.equal(runs.filter((name) => name.endsWith('.history.json')).length, 1);

    const verdict = await platform.client.verifyAudit();
    assert.equal(verdict.ok, true);
    const events = await platform.client.auditEvents({ rollout: 'web/test#1' });
    const types = events.map(({ type }) => type);
    assert.deepEqual(types, [
      'rollout.requested',
      'rollout.started',
      'stack.provisioning',
      'stack.provisioned',
      'check.judged',
      'route.changing',
      'route.changed',
      // The check in the bake, unanswered requests, and restarts.
      'check.judged',
      'check.judged',
      'check.judged',
      'rollout.settled',
      'rollout.finished',
    ]);

    const removal = await platform.client.remove(service, change());
    assert.equal((await platform.client.waitForRollout(service, removal.rollout)).outcome, 'succeeded');
    assert.deepEqual(await platform.pids(), []);
    assert.deepEqual(await readdir(`${platform.folder.stacks}/work`).catch(() => []), []);
  });
});
