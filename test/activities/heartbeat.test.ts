import assert from 'node:assert/strict';
import { once } from 'node:events';
import { MockActivityEnvironment } from '@temporalio/testing';
import { withHeartbeats } from '../../src/activities/heartbeat.ts';

describe('the heartbeats of an activity', () => {
  it('keep what the attempt before has told until there is something newer', async () => {
    const told = { looks: 7 };
    const environment = new MockActivityEnvironment({ attempt: 2, heartbeatTimeoutMs: 35, heartbeatDetails: told });
    const beats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => beats.push(details));
    await environment.run(() =>
      withHeartbeats(async (_signal, report) => {
        await once(environment, 'heartbeat');
        report({ looks: 8 });
        await once(environment, 'heartbeat');
      }),
    );
    assert.deepEqual(beats.slice(0, 3), [told, { looks: 8 }, { looks: 8 }]);
  });

  it('tell of nothing where nothing was told', async () => {
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 35 });
    const beat = (): Promise<unknown[]> => withHeartbeats(() => once(environment, 'heartbeat'));
    const [details] = await environment.run<[], unknown[], typeof beat>(beat);
    assert.equal(details, undefined);
  });
});
