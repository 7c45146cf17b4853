import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import { ask } from '../contract/http.ts';
import { Load } from './load.ts';
import { Platform, change, command, spec } from './platform.ts';

describe('settings that are no part of a revision', () => {
  let platform: Platform;

  before(async () => (platform = await Platform.share()));
  after(() => (platform as Platform | undefined)?.dispose());

  async function holdPort(): Promise<{ port: number; free: () => Promise<void> }> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const free = async (): Promise<void> => {
      await once(server.close(), 'close');
    };
    return { port, free };
  }

  it('take effect without a rollout, and the answer says what they do', async () => {
    const wanted = spec('set', command('one'));
    const deployed = async (each: ServiceSpec): Promise<void> => {
      const { rollout } = await platform.client.apply(each, change());
      assert.equal((await platform.client.waitForRollout(each.service, rollout)).outcome, 'succeeded');
    };
    await deployed(wanted);
    const second = spec('set', command('two'));
    await deployed(second);
    const { route: first } = await platform.client.view(wanted.service);
    assert.ok(first);
    const load = new Load(formatEndpointUrl(first.address), 20);

    const held = await holdPort();
    const changed = {
      ...second,
      router: { kind: 'embedded' as const, port: held.port },
      retention: { warm: 0, warmForMs: 600_000 },
    };
    const { settings, unchanged } = await platform.client.apply(changed, change());
    assert.equal(unchanged, true);
    assert.deepEqual(
      settings?.map(({ setting, from, to, effect }) => [setting, from, to, effect]),
      [
        ['router.port', 'any', String(held.port), 'clients are moved there now; what is in flight goes on'],
        ['retention.warm', '1', '0', 'r1 is retired'],
      ],
    );
    const recorded = await platform.client.auditEvents({ subject: 'set/test' });
    const { actor, reason, data } = recorded.findLast(({ type }) => type === 'service.settings-changed') ?? {};
    assert.deepEqual([actor, reason], ['tester', 'a test']);
    assert.deepEqual(data?.changes, [
      { setting: 'router.port', before: 'any', after: String(held.port) },
      { setting: 'retention.warm', before: '1', after: '0' },
    ]);
    await platform.until('r1 is gone', async () => (await platform.pids('set-test-r1')).length === 0);
    await platform.until('the taken port is told', async () => {
      const { warnings = [] } = await platform.client.view(wanted.service);
      return warnings.some(({ kind, text }) => kind === 'port' && text.includes(`port ${held.port} is taken`));
    });
    await load.end();
    assert.deepEqual(load.failures, []);

    await held.free();
    await platform.until('the wanted port is had', async () => {
      const { route, warnings = [] } = await platform.client.view(wanted.service);
      return route?.address.port === held.port && warnings.length === 0;
    });
    assert.equal(await (await fetch(`http://127.0.0.1:${held.port}/`)).text(), 'two');
  });

  it('router.listen: clients are moved to that address at the port they know, and lose nothing', async function () {
    // Only there any address that begins with 127 is one of the machine's.
    if (process.platform !== 'linux') this.skip();
    const wanted = spec('heard', command('one'));
    const { rollout } = await platform.client.apply(wanted, change());
    assert.equal((await platform.client.waitForRollout(wanted.service, rollout)).outcome, 'succeeded');
    const { port = 0, host } = (await platform.client.view(wanted.service)).route?.address ?? {};
    const load = new Load(`http://${host}:${port}/`, 20);
    // On a connection of its own: one that is kept may ask once more.
    const elsewhere = async (): Promise<string> =>
      ask({ host: '127.0.0.2', port }).then(
        ({ body }) => body,
        () => 'nobody',
      );
    assert.equal(await elsewhere(), 'nobody');

    const open = { ...wanted, router: { kind: 'embedded' as const, listen: '0.0.0.0' } };
    const { settings } = await platform.client.apply(open, change());
    const effect = 'clients are moved there now; what is in flight goes on';
    assert.deepEqual(settings, [{ setting: 'router.listen', from: "the router's own", to: '0.0.0.0', effect }]);
    await platform.until('it is open to all', async () => (await elsewhere()) === 'one');
    assert.equal((await platform.client.view(wanted.service)).route?.listen, '0.0.0.0');

    const next = { ...spec('heard', command('two')), router: { kind: 'embedded' as const } };
    const receipt = await platform.client.apply(next, change());
    assert.equal((await platform.client.waitForRollout(wanted.service, receipt.rollout)).outcome, 'succeeded');
    assert.equal(await elsewhere(), 'nobody');
    const { route } = await platform.client.view(wanted.service);
    assert.deepEqual([route?.listen, route?.address.port], ['127.0.0.1', port]);
    await load.end();
    assert.deepEqual(load.failures, []);
  });

  it('router.strictPort: a deployment that cannot have the port fails, names who holds it, and leaves nothing', async () => {
    const held = await holdPort();
    const router = { kind: 'embedded' as const, port: held.port, strictPort: true };
    const strict = (version: string): ServiceSpec => ({ ...spec('strict', command(version)), router });
    const ended = async (each: ServiceSpec) => {
      const { rollout } = await platform.client.apply(each, change());
      return platform.client.waitForRollout(each.service, rollout);
    };
    const holder = process.platform === 'linux' ? `process ${process.pid}` : 'another program';
    const refused = new RegExp(`port ${held.port} is taken by .*${holder}, and no other will do`);

    const first = await ended(strict('one'));
    assert.equal(first.outcome, 'failed');
    assert.match(first.because ?? '', refused);
    assert.deepEqual(await platform.pids('strict-test-r1'), []);
    assert.equal((await platform.client.view(first.service)).route, undefined);

    // Where clients are, they stay; going back never fails for a port.
    const relaxed: ServiceSpec = { ...strict('two'), router: { kind: 'embedded' } };
    assert.equal((await ended(relaxed)).outcome, 'succeeded');
    assert.equal(
      (await ended({ ...relaxed, ...spec('strict', command('three')), router: relaxed.router })).outcome,
      'succeeded',
    );
    const fourth = await ended(strict('four'));
    assert.equal(fourth.outcome, 'failed');
    assert.match(fourth.because ?? '', refused);
    const { route } = await platform.client.view(first.service);
    assert.ok(route && route.address.port !== held.port);
    assert.equal(await (await fetch(formatEndpointUrl(route.address))).text(), 'three');
    const back = await platform.client.rollback(first.service, undefined, change());
    assert.equal((await platform.client.waitForRollout(first.service, back.rollout)).outcome, 'succeeded');
    assert.equal(await (await fetch(formatEndpointUrl(route.address))).text(), 'two');

    await held.free();
    assert.equal((await ended(strict('five'))).outcome, 'succeeded');
    assert.equal(await (await fetch(`http://127.0.0.1:${held.port}/`)).text(), 'five');
  });
});
