import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { isAlive } from '../../src/host/process-identity.ts';
import { Platform, change, command, spec } from './platform.ts';

const service = { name: 'web', environment: 'test' };

describe('a worker that is killed while a stack is being created', () => {
  let platform: Platform;

  before(async () => (platform = await Platform.start()));
  after(() => (platform as Platform | undefined)?.dispose());

  it('is followed by one that completes the rollout: one set of processes, nothing recorded twice or not at all', async () => {
    const slow = spec('web', command('one', { startMs: 2_500 }));
    const ticket = await platform.client.apply(slow, change());
    await platform.until('a process of the stack', async () => (await platform.pids()).length > 0);
    const killed = platform.partPid('worker');
    process.kill(killed, 'SIGKILL');
    await platform.until('another worker', () => {
      const part = platform.lease().parts.worker;
      return part !== undefined && part.pid !== killed && isAlive(part);
    });

    const rollout = await platform.client.waitForRollout(service, ticket.rollout);
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
