import assert from 'node:assert/strict';
import { findAddressFault, readAllowedHosts } from '../../src/hooks/reachable.ts';
import { resolveHook } from '../../src/hooks/resolve.ts';

const nothing = readAllowedHosts();

describe('addresses that a hook may lead to', () => {
  for (const address of [
    '8.8.8.8',
    '172.32.0.1',
    '192.167.255.255',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ]) {
    it(`${address} is public`, () => assert.equal(findAddressFault('h', address, nothing), undefined));
  }

  for (const address of [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.8.8.8', '172.16.0.1', '172.31.255.255', '192.168.0.1'],
    ...['192.0.0.8', '192.0.2.1', '198.18.0.1', '198.51.100.7', '203.0.113.7', '224.0.0.1', '255.255.255.255'],
    ...['169.254.169.254', '169.254.170.2', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254'],
    ...[
      '::',
      '::1',
      '::127.0.0.1',
      'fe80::1',
      'fe80::1%eth0',
      'fc00::1',
      'fd12::1',
      'ff02::1',
      '2001:db8::1',
      '2001::1',
    ],
    ...[
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::ffff:10.0.0.1',
      '::ffff:169.254.169.254',
      '64:ff9b::7f00:1',
      '64:ff9b::',
    ],
    ...['64:ff9b:1::808:808', '2002:7f00:1::', 'nonsense', ''],
  ]) {
    it(`${address} is not`, () => assert.match(findAddressFault('h', address, nothing) ?? '', /is (no|where)/));
  }

  it('are what an operator allows beside: by name, by address, by network', () => {
    const allowed = readAllowedHosts(' Hooks.internal, 10.2.0.0/16,127.0.0.1, [::1],fd12::/16 ');
    for (const [host, address] of [
      ['hooks.internal', '192.168.7.7'],
      ['HOOKS.internal', 'fe80::1'],
      ['h', '10.2.255.1'],
      ['h', '::ffff:10.2.255.1'],
      ['h', '127.0.0.1'],
      ['h', '::1'],
      ['h', 'fd12::5'],
    ] as const) {
      assert.equal(findAddressFault(host, address, allowed), undefined, `${host} ${address}`);
    }
    for (const address of ['10.3.0.1', '127.0.0.2', 'fd13::1']) assert.ok(findAddressFault('h', address, allowed));
  });

  it('are those of credentials only where each is named by itself', () => {
    const wide = readAllowedHosts('h,0.0.0.0/0,::/0');
    for (const address of ['169.254.169.254', '::ffff:169.254.169.254', 'fd00:ec2::254', '168.63.129.16']) {
      assert.match(findAddressFault('h', address, wide) ?? '', /ask for credentials/);
    }
    assert.equal(findAddressFault('h', '169.254.169.254', readAllowedHosts('169.254.169.254')), undefined);
    assert.equal(findAddressFault('h', 'fd00:ec2:0::254', readAllowedHosts('fd00:ec2::254/128')), undefined);
  });

  it('are allowed by texts that say so, all faults of which are told at once', () => {
    const read = (): unknown => readAllowedHosts('10.0.0.0/33, http://x, ok.internal, 1.2.3, ::/129, 10.0.0.0/8/8');
    assert.throws(read, /^Error: 10\.0\.0\.0\/33, http:\/\/x, 1\.2\.3, ::\/129, 10\.0\.0\.0\/8\/8: each/);
  });
});

describe('hosts of hooks', () => {
  for (const host of [
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '0',
  ]) {
    it(`${host} is this machine`, async () => {
      await assert.rejects(
        resolveHook(new URL(`http://${host}/`), nothing),
        /is no public address.*SUPPLANT_HOOK_ALLOW/,
      );
    });
  }

  it('localhost is this machine, by the system’s own look-up', async () => {
    await assert.rejects(resolveHook(new URL('http://localhost/'), nothing), /localhost is not called/);
    assert.ok((await resolveHook(new URL('http://localhost/'), readAllowedHosts('localhost'))).length > 0);
  });

  it('are refused where one of their addresses is', async () => {
    const resolve = async (): Promise<{ address: string; family: number }[]> =>
      Promise.resolve([
        { address: '8.8.8.8', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ]);
    await assert.rejects(resolveHook(new URL('https://hooks.example/'), nothing, resolve), /10\.0\.0\.1 is no public/);
  });

  it('that stand for nothing may stand for something later', async () => {
    const gone = resolveHook(new URL('https://nobody.invalid/'), nothing);
    await assert.rejects(gone, { name: 'HookUnavailableError', message: /nobody\.invalid could not be looked up: E/ });
    const none = resolveHook(new URL('https://nobody.example/'), nothing, async () => Promise.resolve([]));
    await assert.rejects(none, { name: 'HookUnavailableError' });
  });
});
