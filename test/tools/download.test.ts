import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { findNativeTool } from '../../src/native-tools.ts';
import { pulumiOf, temporalOf, workingGo } from './scripts.ts';
import { TemporaryCheckout } from './temporary-checkout.ts';

/** Pulumi's checksums are read from its release, Temporal's are committed: so only Pulumi can be released by a test. */
describe('set-up from release archives', () => {
  let checkout: TemporaryCheckout;
  let server: Server;
  let files: Map<string, Buffer>;
  let truncate = false;

  beforeEach(async () => {
    checkout = new TemporaryCheckout();
    files = new Map();
    truncate = false;
    server = createServer((request, response) => {
      const content = files.get(basename(request.url ?? ''));
      if (!content) return void response.writeHead(404).end();
      response.writeHead(200, { 'content-length': content.length });
      if (request.method === 'HEAD') return void response.end();
      if (!truncate) return void response.end(content);
      response.write(content.subarray(0, content.length / 2), () => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    checkout.env.SUPPLANT_RELEASES = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    checkout.script('go', workingGo);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    checkout.remove();
  });

  function release(archive: string, member: string, script: string): Buffer {
    checkout.script(`released/${member}`, script);
    execFileSync('tar', ['-czf', checkout.path(archive), '-C', checkout.path('released'), member]);
    const content = readFileSync(checkout.path(archive));
    files.set(archive, content);
    return content;
  }

  function releasePulumi(checksumOf: (archive: Buffer) => Buffer = (archive) => archive): void {
    const archive = `pulumi-v3.230.0-${process.platform}-${process.arch}.tar.gz`;
    const content = release(archive, 'pulumi/pulumi', pulumiOf('3.230.0'));
    const sum = createHash('sha256').update(checksumOf(content)).digest('hex');
    files.set('pulumi-3.230.0-checksums.txt', Buffer.from(`${'0'.repeat(64)}  other.tar.gz\n${sum}  ${archive}\n`));
  }

  async function setUp(): Promise<string> {
    const { code, output } = await checkout.setUp();
    assert.equal(code, 0, output);
    return output;
  }

  it('uses an archive whose checksum is right, and builds only what is not released', async () => {
    releasePulumi();
    assert.match(await setUp(), /Pulumi CLI 3\.230\.0: downloaded/);
    assert.equal(checkout.read('.tools/bin/pulumi'), `#!/bin/sh\n${pulumiOf('3.230.0')}\n`);
    assert.equal(checkout.read('built'), 'github.com/temporalio/cli/cmd/temporal\n');
  });

  it('builds where the archive is not what its checksum says', async () => {
    releasePulumi(() => Buffer.from('something else'));
    assert.match(await setUp(), /pulumi-v3\.230\.0-.* has SHA-256 [0-9a-f]{64}, but [0-9a-f]{64} was expected/);
    assert.match(checkout.read('built'), /cmd\/pulumi/);
  });

  it('holds Temporal to the checksum that is committed here, whatever the release says', async () => {
    const go = process.arch === 'x64' ? 'amd64' : process.arch;
    const archive = `temporal_cli_1.5.1_${process.platform}_${go}.tar.gz`;
    const content = release(archive, 'temporal', temporalOf('1.5.1'));
    files.set('checksums.txt', Buffer.from(`${createHash('sha256').update(content).digest('hex')}  ${archive}\n`));
    assert.match(await setUp(), /temporal_cli_1\.5\.1_.* was expected: it was not used/);
    assert.match(checkout.read('built'), /cmd\/temporal/);
  });

  it('builds where the download breaks off half-way', async () => {
    releasePulumi();
    truncate = true;
    await setUp();
    assert.match(checkout.read('built'), /cmd\/pulumi/);
    assert.equal(findNativeTool('pulumi', checkout), checkout.path('.tools/bin/pulumi'));
    assert.equal(checkout.has('.tools/unfinished'), false);
  });
});
