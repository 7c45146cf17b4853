import assert from 'node:assert/strict';
import { HAPROXY_VARIABLES, ROUTER_VARIABLES, readAdminPlace } from '../../src/routing/embedded/admin-place.ts';

const URL = 'https://router.example:7701';
const read = (env: Record<string, string>) => readAdminPlace(env, ROUTER_VARIABLES, '/data/router.sock');

describe('where the embedded router takes orders', () => {
  it('is the data folder’s socket, unless the environment names another', () => {
    assert.deepEqual(read({}), { socketPath: '/data/router.sock' });
    // Compose files pass on what nobody has set.
    assert.deepEqual(read({ SUPPLANT_ROUTER: '', SUPPLANT_ROUTER_CA: '' }), { socketPath: '/data/router.sock' });
  });

  it('is an address, with what proves who asks', () => {
    assert.deepEqual(
      read({ SUPPLANT_ROUTER: URL, SUPPLANT_ROUTER_TOKEN_FILE: '/token', SUPPLANT_ROUTER_CA: '/ca.pem' }),
      { url: URL, tokenFile: '/token', caFile: '/ca.pem' },
    );
    assert.deepEqual(
      read({ SUPPLANT_ROUTER: `${URL}/`, SUPPLANT_ROUTER_CERT: '/c.pem', SUPPLANT_ROUTER_KEY: '/c.key' }),
      { url: URL, pair: { certFile: '/c.pem', keyFile: '/c.key' } },
    );
  });

  it('is told apart from where the one that runs HAProxy does', () => {
    const env = { SUPPLANT_ROUTER: URL, SUPPLANT_ROUTER_TOKEN_FILE: '/token' };
    const socket = '/data/haproxy.sock';
    assert.deepEqual(readAdminPlace(env, HAPROXY_VARIABLES, socket), { socketPath: socket });
    const other = { SUPPLANT_HAPROXY: 'https://other.example:7702', SUPPLANT_HAPROXY_TOKEN_FILE: '/other' };
    assert.deepEqual(readAdminPlace({ ...env, ...other }, HAPROXY_VARIABLES, socket), {
      url: 'https://other.example:7702',
      tokenFile: '/other',
    });
    assert.throws(() => readAdminPlace({ SUPPLANT_HAPROXY: URL }, HAPROXY_VARIABLES, socket), /SUPPLANT_HAPROXY_TOKEN/);
  });

  it('is refused with all that is wrong, and without what may be a secret', () => {
    const faults = (env: Record<string, string>, ...expected: RegExp[]): void =>
      assert.throws(
        () => read(env),
        ({ message }: Error) => {
          for (const each of expected) assert.match(message, each);
          assert.doesNotMatch(message, /pass/);
          return true;
        },
      );
    faults({ SUPPLANT_ROUTER: 'http://router.example:7701' }, /TLS only/, /nothing says who asks/);
    faults(
      { SUPPLANT_ROUTER: `https://me:pass@router.example`, SUPPLANT_ROUTER_CERT: '/c' },
      /https:\/\/HOST:PORT/,
      /together/,
    );
    faults({ SUPPLANT_ROUTER: `${URL}/path`, SUPPLANT_ROUTER_TOKEN_FILE: '/t' }, /https:\/\/HOST:PORT/);
  });
});
