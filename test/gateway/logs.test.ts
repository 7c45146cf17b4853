import assert from 'node:assert/strict';
import { Code, type ConnectError } from '@connectrpc/connect';
import type { Caller } from '../../src/gateway/auth/authenticator.ts';
import { connectRemote } from '../../src/client/remote-client.ts';
import type { LogPart } from '../../src/domain/logs.ts';
import { LogService } from '../../src/contract/gen/supplant/v1/logs_pb.ts';
import { TestGateway, WEB } from './gateway.ts';

const SERVICE = { name: 'web', environment: 'production' };
const PARTS: LogPart[] = [
  { kind: 'places', revision: 16, host: 'build-3', logs: [{ process: 'p1', path: '/d/p1.log' }] },
  { kind: 'lines', process: 'p1', lines: ['ready', 'grüße', ''] },
];

describe('logs over the API', () => {
  it('arrive as they were read, and say which were asked for', async () => {
    await using gateway = await TestGateway.start({ logs: PARTS });
    const client = await connectRemote({ address: new URL(gateway.url).host });
    try {
      const parts: LogPart[] = [];
      const query = { revision: 16, lines: 7, follow: false };
      for await (const part of client.logs(SERVICE, query, new AbortController().signal)) parts.push(part);
      assert.deepEqual(parts, PARTS);
      assert.deepEqual(gateway.backend.calls.at(-1), { method: 'logs', args: [SERVICE, query] });
    } finally {
      await client.close();
    }
  });

  it('end when their reader does, and when the gateway does', async () => {
    await using gateway = await TestGateway.start({ logs: PARTS, endless: true });
    const client = await connectRemote({ address: new URL(gateway.url).host });
    try {
      const controller = new AbortController();
      const query = { lines: 7, follow: true };
      for await (const part of client.logs(SERVICE, query, controller.signal))
        if (part.kind === 'lines') controller.abort();
      const draining = client.logs(SERVICE, query, new AbortController().signal);
      await draining.next();
      await draining.next();
      const ended = assert.rejects(draining.next(), /shutting down/);
      await gateway.server.close(1000);
      await ended;
    } finally {
      await client.close();
    }
  });

  it('are refused to who may only look, and with all faults', async () => {
    const refusal = (permission: string) => (permission === 'view' ? undefined : 'logs needs the role deployer');
    const caller: Caller = { name: 'vera', refusal, refusalAnywhere: refusal };
    await using gateway = await TestGateway.start({ logs: PARTS }, { auth: { authenticate: async () => caller } });
    const ask = async (request: object): Promise<ConnectError> => {
      try {
        for await (const _ of gateway.client(LogService).readLogs(request)) assert.fail('it was answered');
      } catch (error) {
        return error as ConnectError;
      }
      throw new Error('it was not refused');
    };
    const refused = await ask({ name: WEB });
    assert.deepEqual([refused.code, gateway.backend.calls], [Code.PermissionDenied, []]);
    assert.match(refused.rawMessage, /vera may not logs web\/production/);
    assert.equal((await ask({ name: `${WEB}/revisions/x`, lines: -1 })).code, Code.InvalidArgument);
  });
});
