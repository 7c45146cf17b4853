import assert from 'node:assert/strict';
import { request } from 'node:http';
import { waitUntil } from '../../../src/host/polling.ts';
import { ask } from '../../contract/http.ts';
import { CloudClient } from './client.ts';
import type { Resource, ResourceRequest } from './cloud.ts';
import { CloudServer } from './server.ts';

const one = (name: string, more: Partial<ResourceRequest> = {}): ResourceRequest => ({
  ...{ name, kind: 'instance', tags: { stack: 's' }, createMs: 0, version: 'one' },
  ...more,
});

async function listPages(client: CloudClient): Promise<Resource[][]> {
  const pages: Resource[][] = [];
  for await (const page of client.list({ stack: 's' })) pages.push(page);
  return pages;
}

describe('the double of a cloud', () => {
  let server: CloudServer;
  let client: CloudClient;
  beforeEach(async () => {
    server = await CloudServer.start('127.0.0.1');
    client = new CloudClient(server.url);
  });
  afterEach(async () => server[Symbol.asyncDispose]());

  it('has one resource of each name, which serves its version and its health', async () => {
    assert.equal(await client.create(one('a', { behaviour: 'unhealthy' })), true);
    assert.equal(await client.create(one('a', { version: 'two' })), false);
    const { address } = await client.awaitRunning('a');
    assert.equal((await ask(address!)).body, 'one');
    assert.equal((await ask(address!, { path: '/health' })).status, 500);
    assert.deepEqual(
      server.cloud.calls.filter(({ verb }) => verb === 'create').map(({ status }) => status),
      [201, 409],
    );
  });

  it('makes what it has accepted, whoever was to hear of it', async () => {
    const asked = request(`${server.url}/resources`, { method: 'POST' });
    asked.on('error', () => undefined);
    asked.end(JSON.stringify(one('slow', { createMs: 300 })));
    assert.ok(await waitUntil(5_000, () => server.cloud.find('slow') !== undefined));
    asked.destroy();
    assert.equal((await client.awaitRunning('slow')).state, 'running');
  });

  it('is asked again while there is no way to it', async () => {
    const { port } = new URL(server.url);
    await server[Symbol.asyncDispose]();
    const found = client.find('a');
    server = await CloudServer.start('127.0.0.1', Number(port));
    assert.equal(await found, undefined);
  });

  it('lists by tags, page by page, and forgets what was deleted', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `r${String(index).padStart(2, '0')}`);
    for (const name of names) await client.create(one(name, { kind: 'group' }));
    await client.create(one('other', { tags: { stack: 't' } }));
    const pages = await listPages(client);
    assert.deepEqual(
      pages.map((page) => page.length),
      [5, 5, 2],
    );
    assert.deepEqual(
      pages.flat().map(({ name }) => name),
      names,
    );
    await client.delete('r03');
    await client.delete('r03');
    assert.equal(await client.find('r03'), undefined);
    assert.equal((await listPages(client)).flat().length, 11);
  });
});
