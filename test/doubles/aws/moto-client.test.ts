import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { MotoClient } from './moto-client.ts';

describe('a client of moto itself', () => {
  let server: Server;
  let moto: MotoClient;
  /** What moto was asked, in order. */
  let asked: string[];
  let status = 200;

  beforeEach(async () => {
    asked = [];
    status = 200;
    server = createServer((request, reply) => {
      void text(request).then((body) => {
        const action = new URLSearchParams(body).get('Action') ?? '';
        asked.push(action);
        reply.writeHead(status).end(`<${action}Response><vpcSet/></${action}Response>`);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    moto = new MotoClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, '123456789012');
  });
  afterEach(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  it('asks the same once, until somebody writes by it or past it', async () => {
    const look = () => moto.ask('ec2', 'DescribeVpcs');
    await Promise.all([look(), look()]);
    await moto.ask('ec2', 'DescribeVpcs', { 'VpcId.1': 'vpc-1' });
    assert.deepEqual(asked, ['DescribeVpcs', 'DescribeVpcs']);
    await moto.ask('ec2', 'CreateVpc');
    await look();
    moto.forget();
    await look();
    assert.deepEqual(asked.slice(2), ['CreateVpc', 'DescribeVpcs', 'DescribeVpcs']);
  });

  it('asks again what has failed', async () => {
    status = 500;
    await assert.rejects(moto.ask('ec2', 'DescribeVpcs'));
    status = 200;
    await moto.ask('ec2', 'DescribeVpcs');
    assert.deepEqual(asked, ['DescribeVpcs', 'DescribeVpcs']);
  });
});
