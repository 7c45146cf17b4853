import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { listeningSockets, listens } from '../../../blueprints/local-process/listeners.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20 4 30 10 -1
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0`;

describe('who listens on a port', () => {
  it('is read from the kernel’s table: listening sockets of the port only', () => {
    assert.deepEqual(listeningSockets(TABLE, 8080), ['4711']);
    assert.deepEqual(listeningSockets(TABLE, 80), ['4713']);
    assert.deepEqual(listeningSockets(TABLE, 81), []);
  });

  it('tells a process of ours from a stranger', async function () {
    if (process.platform !== 'linux') this.skip();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    assert.equal(listens([process.pid], port), true);
    assert.equal(listens([process.ppid], port), false);
    server.close();
  });
});
