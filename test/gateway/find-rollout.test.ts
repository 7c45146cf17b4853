import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findRollout } from '../../src/gateway/find-rollout.ts';
import { ApiError } from '../../src/contract/supplant-client.ts';
import { RecordingClient } from '../doubles/recording-client.ts';
import { BAKING, BAKING_VIEW, SERVICE } from '../doubles/sample-views.ts';

const number = BAKING_VIEW.status.running ?? 0;

describe('a rollout that nobody has seen begin', () => {
  it('is about to, where its service has taken it up: whoever asks is told to ask again', async () => {
    const backend = new RecordingClient({ views: [BAKING_VIEW] });
    await assert.rejects(findRollout(backend, SERVICE, number), { reason: 'UNAVAILABLE', message: /about to begin/ });
  });

  it('may be, while nobody answers for its service', async () => {
    const backend = new RecordingClient({ views: [BAKING_VIEW] });
    backend.view = () => Promise.reject(new ApiError('UNAVAILABLE', 'no worker answered in time'));
    await assert.rejects(findRollout(backend, SERVICE, number), { reason: 'UNAVAILABLE' });
  });

  it('has, where it was begun between the look at it and the look at the queue', async () => {
    const backend = new RecordingClient({ views: [BAKING_VIEW], rollouts: [BAKING] });
    const look = backend.rollout.bind(backend);
    const { running: _running, ...before } = BAKING_VIEW.status;
    let looks = 0;
    backend.view = async () => ({ ...BAKING_VIEW, status: before });
    backend.rollout = async (...asked) => {
      looks += 1;
      if (looks === 1) throw new ApiError('NOT_FOUND', 'has no such rollout');
      return look(...asked);
    };
    assert.deepEqual(await findRollout(backend, SERVICE, number), { status: BAKING });
  });

  it('is none, where its service knows nothing of it', async () => {
    const backend = new RecordingClient({ views: [BAKING_VIEW] });
    await assert.rejects(findRollout(backend, SERVICE, number + 100), { reason: 'NOT_FOUND' });
  });
});
