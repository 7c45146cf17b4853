import assert from 'node:assert/strict';
import { ApiError, type SupplantClient } from '../../src/client/api.ts';
import { RolloutFailedError, deployAndWait } from '../../src/client/deploy-and-wait.ts';
import type { Change, Ticket } from '../../src/domain/requests.ts';
import type { RolloutStatus } from '../../src/domain/status.ts';

const service = { name: 'web', environment: 'test' };
const release = { service, artifact: 'npm:http-server@14.1.1' };

/** As much of a client as is asked: refuses `lost` times, then answers. */
function client(lost: number, outcome: RolloutStatus['outcome'], reason = 'UNAVAILABLE' as const) {
  const ids: string[] = [];
  const asked: Partial<SupplantClient> = {
    deploy: async (_service, _artifact, change: Change): Promise<Ticket> => {
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
