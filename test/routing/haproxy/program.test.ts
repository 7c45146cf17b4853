import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { renderConfig } from '../../../src/routing/haproxy/config.ts';
import { HaproxyMissingError, findHaproxy } from '../../../src/routing/haproxy/program.ts';

describe('the program haproxy', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'supplant-haproxy-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const find = () => findHaproxy({ PATH: folder }, []);
  const install = (said: string) => writeFile(join(folder, 'haproxy'), `#!/bin/sh\necho '${said}'\n`, { mode: 0o755 });

  it('is found in the path, with its version', async () => {
    await install('HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/');
    assert.deepEqual(await find(), { path: join(folder, 'haproxy'), version: '2.6.12-1+deb12u4' });
    await install('HA-Proxy version 3.0.0-dev1 2024/01/01');
    assert.equal((await find()).version, '3.0.0-dev1');
  });

  for (const [what, said, fault] of [
    ['is missing', undefined, /no haproxy on this machine; install it \(Debian and Ubuntu: apt-get install haproxy\)/],
    [
      'is too old',
      'HA-Proxy version 2.4.22-0ubuntu0 2023/08/14',
      /is version 2\.4\.22\S*; the router needs 2\.6 or later/,
    ],
    ['is something else', 'hello', /does not say which version/],
  ] as const) {
    it(`${what}: that is said`, async () => {
      if (said !== undefined) await install(said);
      await assert.rejects(find(), (error) => {
        assert.ok(error instanceof HaproxyMissingError);
        assert.match(error.message, fault);
        return true;
      });
    });
  }
});

describe('its configuration', () => {
  const settings = {
    listen: '127.0.0.1',
    port: 8080,
    proxies: [],
    runtimeSocket: '/data/0a1b2c3d.sock',
    threads: 2,
    servers: new Map(),
  };

  it('serves one port, on one address or all of them', () => {
    assert.match(renderConfig(settings), /^ {2}bind 127\.0\.0\.1:8080$/m);
    assert.match(renderConfig({ ...settings, listen: '::' }), /^ {2}bind \[::\]:8080 v4v6$/m);
  });

  it('believes of where a request comes from this machine alone, and the proxies that are named', () => {
    assert.match(renderConfig(settings), /^ {2}acl believed src 127\.0\.0\.0\/8 ::1 *$/m);
    assert.match(
      renderConfig({ ...settings, proxies: ['10.0.0.0/8'] }),
      /acl believed src 127\.0\.0\.0\/8 ::1 10\.0\.0\.0\/8$/m,
    );
  });

  it('has the servers that are wanted when it is started, each in its slot', () => {
    const servers = new Map([[2, [{ name: 'r7-::1:80', address: '::1', port: 80, weight: 3 }]]]);
    const config = renderConfig({ ...settings, servers });
    assert.match(
      config,
      /^backend slot-02$[^]*?^ {2}server r7-::1:80 \[::1\]:80 weight 3 pool-max-conn -1 pool-purge-delay 2s$/m,
    );
    assert.equal(config.match(/^ {2}server /gm)?.length, 1);
  });
});
