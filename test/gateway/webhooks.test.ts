import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import type { WebhookAnswer, WebhookMessage } from '../../src/domain/hooks/demand.ts';
import { RecordingClient } from '../doubles/recording-client.ts';
import { TestGateway } from './gateway.ts';

/** Notes what it is sent. */
class Receiver extends RecordingClient {
  readonly messages: WebhookMessage[] = [];
  async receiveWebhook(message: WebhookMessage): Promise<WebhookAnswer> {
    this.messages.push(message);
    return Promise.resolve({ code: 200, status: 'aborted', message: 'puts everything back' });
  }
}

const PATH = '/hooks/v1/web/production/alerts';
const headers = { 'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1,x' };

describe('messages to a gateway', () => {
  it('reach what is behind it as they were sent', async () => {
    const backend = new Receiver();
    await using gateway = await TestGateway.start(backend);
    const body = '{"reason":"ä"}';
    const answered = await fetch(`${gateway.url}${PATH}?x=1`, { method: 'POST', headers, body });
    assert.deepEqual(
      [answered.status, await answered.json()],
      [200, { status: 'aborted', message: 'puts everything back' }],
    );
    const [message] = backend.messages;
    assert.deepEqual(
      { ...message, body: undefined },
      {
        ...{ service: { name: 'web', environment: 'production' }, sender: 'alerts', headers, body: undefined },
      },
    );
    assert.equal(Buffer.from(message!.body).toString(), body);
  });

  it('may come over HTTP/2', async () => {
    const backend = new Receiver();
    await using gateway = await TestGateway.start(backend);
    const session = connect(gateway.url);
    const stream = session.request({ ':method': 'POST', ':path': PATH, ...headers });
    stream.end('{}');
    const [status] = await new Promise<unknown[]>((resolve, reject) => {
      stream.on('response', (given) => resolve([given[':status']]));
      stream.on('error', reject);
    });
    session.destroy();
    assert.deepEqual([status, backend.messages.length], [200, 1]);
  });

  it('are posted to an address that is one, and of a size', async () => {
    const backend = new Receiver();
    await using gateway = await TestGateway.start(backend);
    const ask = async (path: string, method: string, body?: string): Promise<[number, string]> => {
      const answered = await fetch(`${gateway.url}${path}`, { method, ...(body === undefined ? {} : { body }) });
      return [answered.status, ((await answered.json()) as { message: string }).message];
    };
    for (const path of [
      '/hooks/v1/',
      '/hooks/v1/web/production',
      '/hooks/v1/Web/production/a',
      `${PATH}/x`,
      '/hooks/v1/web/p/%2e',
    ]) {
      assert.deepEqual(await ask(path, 'POST', '{}'), [
        404,
        'messages are posted to /hooks/v1/SERVICE/ENVIRONMENT/NAME',
      ]);
    }
    assert.deepEqual(await ask(PATH, 'GET'), [405, 'messages are posted']);
    assert.equal((await ask(PATH, 'POST', 'x'.repeat(64 * 1024)))[0], 200);
    assert.deepEqual(await ask(PATH, 'POST', 'x'.repeat(64 * 1024 + 1)), [
      413,
      'a message may have 65536 bytes at most',
    ]);
    assert.equal(backend.messages.length, 1);
    assert.deepEqual(gateway.errors, []);
  });

  it('are nobody’s where nothing behind it takes any', async () => {
    await using gateway = await TestGateway.start();
    assert.equal((await fetch(`${gateway.url}${PATH}`, { method: 'POST', body: '{}' })).status, 404);
  });
});
