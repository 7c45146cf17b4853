import assert from 'node:assert/strict';
import { neverProxyLoopback } from '../../src/host/proxies.ts';

const LOOPBACK = '127.0.0.0/8,127.0.0.1,localhost,::1';

function settled(env: Record<string, string>): NodeJS.ProcessEnv {
  const changed = { ...env };
  neverProxyLoopback(changed);
  return changed;
}

describe('proxies that the environment names', () => {
  it('are not asked for what is on this machine, whatever is excepted already and however often that is said', () => {
    const http_proxy = 'http://proxy.example:3128';
    assert.deepEqual(settled({ http_proxy }), { http_proxy, no_proxy: LOOPBACK, NO_PROXY: LOOPBACK });
    const named = `intra.example,.corp,${LOOPBACK}`;
    for (const env of [{ no_proxy: 'intra.example, .corp' }, { NO_PROXY: 'intra.example,.corp,' }]) {
      const { no_proxy, NO_PROXY } = settled({ HTTPS_PROXY: http_proxy, ...env });
      assert.deepEqual([no_proxy, NO_PROXY], [named, named]);
    }
    const again = settled({ http_proxy, no_grpc_proxy: 'a' });
    assert.equal(again.no_grpc_proxy, `a,${LOOPBACK}`);
    assert.deepEqual(settled(again as Record<string, string>), again);
  });

  it('are left alone where there is none, or where nothing goes through them', () => {
    assert.deepEqual(settled({ no_proxy: 'a' }), { no_proxy: 'a' });
    assert.equal(settled({ http_proxy: 'http://p:1', no_proxy: '*' }).no_proxy, '*');
  });
});
