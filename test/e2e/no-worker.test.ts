import assert from 'node:assert/strict';
import { isAlive } from '../../src/host/process-identity.ts';
import { Platform, change, command, spec } from './platform.ts';

const service = { name: 'web', environment: 'test' };

describe('a request while no worker answers', () => {
  let platform: Platform;

  before(async () => (platform = await Platform.start()));
  after(() => (platform as Platform | undefined)?.dispose());

  it('is refused with nothing started, then or later', async () => {
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
    const ticket = await platform.client.apply(other, change());
    await platform.client.waitForRollout(other.service, ticket.rollout);
    await assert.rejects(platform.client.view(service), { reason: 'NOT_FOUND' });
    assert.deepEqual(await platform.client.auditEvents({ subject: 'web/test' }), []);
    await platform.client.remove(other.service, change());
  });
});
