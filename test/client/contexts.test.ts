import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findGateway } from '../../src/client/client.ts';
import { resolveDataFolder } from '../../src/data-folder.ts';
import { type Lease, writeLease } from '../../src/host/dev-lease.ts';
import { identifySelf } from '../../src/host/process-identity.ts';
import { locateContexts, readContexts } from '../../src/client/contexts.ts';
import { parseContexts } from '../../src/client/contexts-schema.ts';
import { faultMessage } from '../../src/config/fault.ts';
import type { ApiError } from '../../src/contract/supplant-client.ts';

const GOOD = `
current: prod
contexts:
  prod: { server: 'supplant.example.com:7700', tokenFile: prod.token, ca: ca.pem }
  here: { server: '127.0.0.1:7700' }
`;

describe('contexts', () => {
  let home: string;
  before(async () => (home = await mkdtemp(join(tmpdir(), 'supplant-contexts-'))));
  after(() => rm(home, { recursive: true }));

  it('are read, with paths relative to their file', async () => {
    const file = join(home, 'contexts.yaml');
    await writeFile(file, GOOD);
    assert.deepEqual(await readContexts(file), {
      current: 'prod',
      contexts: {
        prod: {
          server: 'supplant.example.com:7700',
          tokenFile: join(home, 'prod.token'),
          ca: join(home, 'ca.pem'),
        },
        here: { server: '127.0.0.1:7700' },
      },
    });
  });

  for (const nothing of ['', '# later\n', 'contexts:\n', 'contexts: {}']) {
    it(`are none in ${JSON.stringify(nothing)}`, async () => {
      const file = join(home, 'nothing.yaml');
      await writeFile(file, nothing);
      assert.deepEqual(await readContexts(file), { contexts: {} });
    });
  }

  const wrong: [string, string, string[]][] = [
    ['not YAML', 'contexts: [', ['1:12 expected valid YAML, found what YAML cannot read: ']],
    ['a list', '- a', ['1:1 expected a mapping, found a list']],
    [
      'an unknown key',
      'kontexts: {}',
      ["1:1 kontexts expected only current, contexts here, found the unknown key 'kontexts'; did you mean 'contexts'?"],
    ],
    ['a current that is not there', 'current: x\ncontexts: {}', ['1:10 current expected no current, as there is no']],
    [
      'a current misspelt',
      "current: b\ncontexts: { a: { server: 'h:1' } }",
      ['1:10 current expected one of the contexts a'],
    ],
    ['no server', 'contexts: { a: {} }', ['1:16 contexts.a.server expected HOST:PORT or https://HOST:PORT']],
    [
      'a server of another kind',
      "contexts: { a: { server: 'ftp://h:1' } }",
      ["1:26 contexts.a.server expected HOST:PORT or https://HOST:PORT, such as supplant.example.com:7700, found 'ftp"],
    ],
    ['a server without a port', 'contexts: { a: { server: host } }', ['1:26 contexts.a.server expected HOST:PORT']],
    [
      'several faults',
      "contexts: { a: { server: 'h:1', tokn: x, cert: c } }",
      [
        '1:16 contexts.a expected cert and key together, found cert alone',
        "1:33 contexts.a.tokn expected only server, token, tokenFile, ca, cert, key here, found the unknown key 'tokn'; did you mean 'token'?",
      ],
    ],
    [
      'two tokens',
      "contexts: { a: { server: 'h:1', token: t, tokenFile: f } }",
      ['1:16 contexts.a expected either token or tokenFile, found both'],
    ],
    [
      'an authority for what is in the clear',
      "contexts: { a: { server: 'http://h:1', ca: c } }",
      ['1:26 contexts.a.server expected https, or no ca, which is for TLS'],
    ],
  ];
  for (const [what, text, expected] of wrong) {
    it(`are refused with ${what}`, async () => {
      const parsed = parseContexts(text);
      assert.ok(!parsed.ok);
      const faults = parsed.faults.map(
        (fault) => `${fault.line}:${fault.column} ${fault.path === '' ? '' : `${fault.path} `}${faultMessage(fault)}`,
      );
      assert.equal(faults.length, expected.length, faults.join('\n'));
      expected.forEach((start, index) => assert.ok(faults[index]!.startsWith(start), faults[index]));
    });
  }

  it('are refused with where their faults stand', async () => {
    const file = join(home, 'wrong.yaml');
    await writeFile(file, 'contexts:\n  a: {server: 1}\n');
    await assert.rejects(readContexts(file), (error: ApiError) => {
      assert.deepEqual(
        error.faults.map(({ path }) => path),
        [`${file}:2:15 contexts.a.server`],
      );
      return true;
    });
  });

  it('never show a token', () => {
    for (const token of ['7341', '[hunter2]', '{hunter2: 1}']) {
      const parsed = parseContexts(`contexts: {a: {server: 'h:1', token: ${token}}}`);
      assert.ok(!parsed.ok);
      assert.equal(parsed.faults.map(faultMessage).join(), 'expected text, found something else');
    }
  });

  it('live where the environment says', () => {
    assert.equal(locateContexts({ SUPPLANT_CONFIG: '/etc/s.yaml' }), '/etc/s.yaml');
    assert.equal(locateContexts({ XDG_CONFIG_HOME: '/xdg' }), '/xdg/supplant/contexts.yaml');
  });

  describe('and the environment', () => {
    let folder: string;
    let env: Record<string, string>;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'supplant-contexts-'));
      await writeFile(join(folder, 'contexts.yaml'), GOOD);
      env = { SUPPLANT_CONFIG: join(folder, 'contexts.yaml') };
    });
    after(() => rm(folder, { recursive: true }));

    const server = async (more: Record<string, string> = {}, context?: string): Promise<string> => {
      const options = { dataDir: join(folder, 'none'), env: { ...env, ...more } };
      return (await findGateway({ ...options, ...(context === undefined ? {} : { context }) })).server;
    };

    it('say which gateway, the most explicit first', async () => {
      assert.equal(await server({ SUPPLANT_SERVER: 'env:1', SUPPLANT_CONTEXT: 'prod' }, 'here'), '127.0.0.1:7700');
      assert.equal(await server({ SUPPLANT_SERVER: 'env:1', SUPPLANT_CONTEXT: 'here' }), '127.0.0.1:7700');
      assert.equal(await server({ SUPPLANT_SERVER: 'env:1' }), 'env:1');
      assert.equal(await server(), 'supplant.example.com:7700');
    });

    it('read an address with and without its scheme, and say what is right otherwise', async () => {
      assert.equal(await server({ SUPPLANT_SERVER: 'http://127.0.0.1:7700' }), '127.0.0.1:7700');
      assert.equal(await server({ SUPPLANT_SERVER: 'http://[::1]:7700/' }), '[::1]:7700');
      assert.equal(await server({ SUPPLANT_SERVER: 'https://gate.example' }), 'https://gate.example');
      for (const wrong of [
        '127.0.0.1',
        'http://gate.example',
        'grpc://a:1',
        'ftp://a:1',
        'a:b',
        'http://a:1/api',
        'u@a:1',
      ]) {
        await assert.rejects(
          server({ SUPPLANT_SERVER: wrong }),
          { reason: 'INVALID', message: /must be HOST:PORT/ },
          wrong,
        );
      }
      const contrary = { SUPPLANT_SERVER: 'http://a:1', SUPPLANT_TLS_CA: 'ca.pem' };
      await assert.rejects(server(contrary), { reason: 'INVALID', message: /in the clear/ });
    });

    it('take the token of what runs on the data folder, for that alone', async () => {
      const data = resolveDataFolder(join(folder, 'data'));
      const api = { host: '127.0.0.1', port: 7700 };
      const ports = { port: 7233, uiPort: 8233, ui: { host: '127.1.2.3', port: 8234 }, namespace: 'supplant-1' };
      const lease: Lease = { v: 3, dev: identifySelf(), parts: {}, temporal: ports, api };
      await writeLease(data.lease, lease);
      const found = (env: Record<string, string> = {}) => findGateway({ dataDir: data.root, env });
      const here = { server: '127.0.0.1:7700', tokenFile: data.token };
      assert.deepEqual(await found(), here);
      assert.deepEqual(await found({ SUPPLANT_SERVER: 'http://127.0.0.1:7700' }), here);
      assert.deepEqual(await found({ SUPPLANT_SERVER: '127.0.0.1:7701' }), { server: '127.0.0.1:7701' });
      assert.deepEqual(await found({ SUPPLANT_TOKEN: 'mine' }), { server: '127.0.0.1:7700', token: 'mine' });
      await writeLease(data.lease, { ...lease, api: { ...api, accessFile: '/etc/access.yaml' } });
      assert.deepEqual(await found(), { server: '127.0.0.1:7700' });
    });

    it('name the contexts there are, when another is wanted', async () => {
      await assert.rejects(server({}, 'staging'), { reason: 'INVALID', suggestion: 'there is prod, here' });
    });

    it('say what to do when there is none at all', async () => {
      const nothing = { SUPPLANT_CONFIG: join(folder, 'no.yaml') };
      await assert.rejects(server(nothing), { reason: 'UNAVAILABLE' });
    });
  });
});
