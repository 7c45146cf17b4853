import assert from 'node:assert/strict';
import { ApiError, type SupplantClient } from '../../src/contract/supplant-client.ts';
import { RolloutFailedError, deployAndWait } from '../../src/client/deploy-and-wait.ts';
import { repeatWhileUnfinished } from '../../src/client/repeat-while-unfinished.ts';
import { RecordingClient } from '../doubles/recording-client.ts';
import { IDLE_VIEW, SERVICE, SUCCEEDED } from '../doubles/sample-views.ts';
import type { RequestMeta, Receipt } from '../../src/domain/service/requests.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';

const service = { name: 'web', environment: 'test' };
const release = { service, artifact: 'npm:http-server@14.1.1' };

/** As much of a client as is asked: refuses `lost` times, then answers. */
function client(lost: number, outcome: RolloutStatus['outcome'], reason = 'UNAVAILABLE' as const) {
  const ids: string[] = [];
  const asked: Partial<SupplantClient> = {
    deploy: async (_service, _artifact, change: RequestMeta): Promise<Receipt> => {
      ids.push(change.requestId);
      if (ids.length <= lost) throw new ApiError(reason, 'nobody answers');
      return { service, rollout: 3, unchanged: false, queuedBehind: 0 };
    },
    waitForRollout: async (_service, number) =>
      ({ service, number, outcome, because: 'because' }) as unknown as RolloutStatus,
  };
  return { ids, client: asked as SupplantClient };
}

describe('deploy and wait', () => {
  it('repeats under the same id what nobody answered', async () => {
    const { ids, client: flaky } = client(2, 'succeeded');
    const status = await deployAndWait(flaky, release, { actor: 'ci' });
    assert.equal(status.number, 3);
    assert.equal(ids.length, 3);
    assert.equal(new Set(ids).size, 1);
  });

  it('repeats under the same id what needs longer than a request may', async () => {
    const first = ['1 file so far', '2 files so far'].map(
      (progress) => new ApiError('UNAVAILABLE', 'no', { progress }),
    );
    const busy = new RecordingClient({ views: [IDLE_VIEW], rollouts: [SUCCEEDED], first });
    const told: string[] = [];
    const ticket = await repeatWhileUnfinished(
      () => busy.deploy(SERVICE, 'dir:/srv/app', { actor: 'ci', requestId: 'once' }),
      (progress) => told.push(progress),
    );
    assert.equal(ticket.rollout, 12);
    assert.deepEqual(told, ['1 file so far', '2 files so far']);
  });

  it('overlooks answers that a busy machine misses meanwhile, unless it misses all', async () => {
    const late = () => new ApiError('UNAVAILABLE', 'no worker took the request in time');
    const unfinished = () => new ApiError('UNAVAILABLE', 'no', { progress: 'so far' });
    const ask = (first: ApiError[]) => {
      const busy = new RecordingClient({ views: [IDLE_VIEW], rollouts: [SUCCEEDED], first });
      const deploy = () => busy.deploy(SERVICE, 'dir:/srv/app', { actor: 'ci', requestId: 'once' });
      return repeatWhileUnfinished(deploy, () => undefined);
    };
    const answered = await ask([unfinished(), late(), late(), unfinished(), late(), late(), late()]);
    assert.equal(answered.rollout, 12);
    await assert.rejects(ask([unfinished(), late(), late(), late(), late()]), /no worker took/);
    await assert.rejects(ask([late()]), /no worker took/);
    await assert.rejects(ask([unfinished(), new ApiError('INVALID', 'is a pipe')]), /is a pipe/);
  });

  it('throws how a rollout ended that did not succeed', async () => {
    await assert.rejects(deployAndWait(client(0, 'rolled-back').client, release, { actor: 'ci' }), (error) => {
      assert.ok(error instanceof RolloutFailedError);
      assert.equal(error.status.outcome, 'rolled-back');
      assert.match(error.message, /web\/test#3 rolled-back: because/);
      return true;
    });
  });

  it('does not repeat what is refused, and stops when it is called off', async () => {
    const refused = client(1, 'succeeded', 'REFUSED' as 'UNAVAILABLE');
    await assert.rejects(deployAndWait(refused.client, release, { actor: 'ci' }), { reason: 'REFUSED' });
    assert.equal(refused.ids.length, 1);
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(deployAndWait(client(9, 'succeeded').client, release, { actor: 'ci', signal }), /enough/);
  });
});
