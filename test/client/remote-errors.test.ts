import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Http2Server, constants, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { connectRemote } from '../../src/client/remote-client.ts';

describe('client of a gateway that is being restarted', () => {
  let server: Http2Server;

  beforeEach(async () => {
    server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => server.close());

  it('says that nobody answered when its request came too late to be looked at', async () => {
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    const { port } = server.address() as AddressInfo;
    const client = await connectRemote({ address: `127.0.0.1:${port}` });
    try {
      await assert.rejects(client.services(), { reason: 'UNAVAILABLE' });
    } finally {
      await client.close();
    }
  });
});
