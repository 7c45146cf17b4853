import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'mocha';
import { findFreePort } from '../../src/dev/ports.ts';

describe('a free port', () => {
  it('is the preferred one where nobody has it', async () => {
    const preferred = await findFreePort(0);
    assert.equal(await findFreePort(preferred), preferred);
    assert.notEqual(await findFreePort(preferred, [preferred]), preferred);
  });

  it('is another one where somebody listens there', async () => {
    const server = createServer().listen(await findFreePort(0), '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      assert.notEqual(await findFreePort(port), port);
    } finally {
      server.close();
    }
  });

  it('is none that the system hands out by itself', async function () {
    const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => undefined);
    if (range === undefined) this.skip();
    const [lowest = 0] = range.split(/\s+/).map(Number);
    const found = await Promise.all(Array.from({ length: 50 }, () => findFreePort(0)));
    assert.deepEqual(
      found.filter((port) => port >= lowest),
      [],
    );
  });
});
