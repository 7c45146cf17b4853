import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findGateway } from '../../src/client/client.ts';
import { contextsFile, parseContexts } from '../../src/client/contexts.ts';

const GOOD = `
current: prod
contexts:
  prod: { server: 'supplant.example.com:7700', tokenFile: prod.token, ca: ca.pem }
  here: { server: '127.0.0.1:7700' }
`;

describe('contexts', () => {
  it('are read, with paths relative to their file', () => {
    const { value, faults } = parseContexts(GOOD, '/home/ada/.config/supplant');
    assert.deepEqual(faults, []);
    assert.deepEqual(value, {
      current: 'prod',
      contexts: {
        prod: {
          server: 'supplant.example.com:7700',
          tokenFile: '/home/ada/.config/supplant/prod.token',
          ca: '/home/ada/.config/supplant/ca.pem',
        },
        here: { server: '127.0.0.1:7700' },
      },
    });
  });

  const wrong: [string, string, string[]][] = [
    ['not YAML', 'contexts: [', ['']],
    ['a list', '- a', ['']],
    ['an unknown key', 'kontexts: {}', ['kontexts']],
    ['a current that is not there', 'current: x\ncontexts: {}', ['current']],
    ['a server without a port', 'contexts: { a: { server: host } }', ['contexts.a.server']],
    ['several faults', "contexts: { a: { server: 'h:1', tokn: x, cert: c } }", ['contexts.a.tokn', 'contexts.a']],
    ['two tokens', "contexts: { a: { server: 'h:1', token: t, tokenFile: f } }", ['contexts.a']],
  ];
  for (const [what, text, paths] of wrong) {
    it(`are refused with ${what}`, () => {
      const { faults } = parseContexts(text, '/');
      assert.deepEqual(
        faults.map(({ path }) => path),
        paths,
      );
    });
  }

  it('live where the environment says', () => {
    assert.equal(contextsFile({ SUPPLANT_CONFIG: '/etc/s.yaml' }), '/etc/s.yaml');
    assert.equal(contextsFile({ XDG_CONFIG_HOME: '/xdg' }), '/xdg/supplant/contexts.yaml');
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

    it('name the contexts there are, when another is wanted', async () => {
      await assert.rejects(server({}, 'staging'), { reason: 'INVALID', suggestion: 'there is prod, here' });
    });

    it('say what to do when there is none at all', async () => {
      const nothing = { SUPPLANT_CONFIG: join(folder, 'no.yaml') };
      await assert.rejects(server(nothing), { reason: 'UNAVAILABLE' });
    });
  });
});
