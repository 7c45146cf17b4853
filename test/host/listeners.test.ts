import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { listeningSockets, listens } from '../../src/host/listeners.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20 4 30 10 -1
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0`;

describe('who listens on a port', () => {
  it('is read from the kernel’s table: listening sockets only', () => {
    assert.deepEqual(listeningSockets(TABLE), [
      { inode: '4711', port: 8080, address: '127.0.0.1:8080' },
      { inode: '4713', port: 80, address: '0.0.0.0:80' },
    ]);
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
