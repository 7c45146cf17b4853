import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const WORKER = fileURLToPath(new URL('../../src/worker.ts', import.meta.url));

describe('a worker without Temporal', () => {
  it('ends, and says where it looked', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'supplant-worker-'));
    // Whoever connects is let go at once: nobody else can have the port meanwhile.
    const nobody = createServer((socket) => socket.destroy());
    await once(nobody.listen(0, '127.0.0.1'), 'listening');
    const address = `127.0.0.1:${(nobody.address() as AddressInfo).port}`;
    try {
      const env = { ...process.env, TEMPORAL_ADDRESS: address, SUPPLANT_STORE: undefined, SUPPLANT_STATE: undefined };
      const worker = spawn(process.execPath, [WORKER, '--data', folder], { env, stdio: ['ignore', 'ignore', 'pipe'] });
      const [errors] = await Promise.all([text(worker.stderr), once(worker, 'exit')]);
      assert.equal(worker.exitCode, 1, errors);
      assert.match(
        errors,
        new RegExp(`Temporal at ${address} cannot be reached: .*; TEMPORAL_ADDRESS says where it is`),
      );
    } finally {
      nobody.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  });
});
