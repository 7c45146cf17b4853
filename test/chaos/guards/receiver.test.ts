import assert from 'node:assert/strict';
import { signWebhook } from '../../../src/hooks/signature.ts';
import { HOOK_SECRET } from '../../workflow/hook-server.ts';
import { Receiver, findStaleCalls } from './receiver.ts';

describe('a receiver of chaos', () => {
  let receiver: Receiver;
  beforeEach(async () => (receiver = await Receiver.start()));
  afterEach(async () => receiver[Symbol.asyncDispose]());

  async function call(path: string, { id = 'a', at = new Date(), secret = HOOK_SECRET, data = {} } = {}) {
    const body = JSON.stringify({ type: 'test', data });
    const headers = { ...signWebhook(secret, id, at, body) };
    return fetch(`${receiver.place.url}/${path}`, { method: 'POST', body, headers });
  }

  it('answers as its path says, by the id of what is repeated, and knows it still after it was killed', async () => {
    assert.equal((await call('hooks/errors-first')).status, 500);
    const isDown = receiver.goDown(0);
    await isDown;
    assert.equal((await call('hooks/errors-first')).status, 500);
    assert.partialDeepStrictEqual(await (await call('hooks/errors-first')).json(), { status: 'succeeded' });
    assert.equal((await call('hooks/errors-first', { id: 'b' })).status, 500);
    const data = { rollout: 'web/test#1', before: 'shift', gate: 'the-webhook' };
    assert.partialDeepStrictEqual(await (await call('gates/closed-first', { id: 'c', data })).json(), {
      state: 'closed',
    });
    assert.partialDeepStrictEqual(await (await call('gates/closed-first', { id: 'd', data })).json(), {
      state: 'open',
    });
    assert.deepEqual(receiver.faults, []);
    assert.equal(receiver.calls.length, 6);
  });

  it('notices what nobody should believe', async () => {
    await call('hooks/promptly', { secret: `whsec_${Buffer.alloc(32, 9).toString('base64')}` });
    assert.match(receiver.faults.join(), /no valid signature/);
    await call('hooks/promptly', { at: new Date(Date.now() - 3_600_000) });
    assert.equal(findStaleCalls(receiver.calls).length, 1);
  });
});
