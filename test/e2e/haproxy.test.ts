import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, it } from 'mocha';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import type { StrategySpec } from '../../src/domain/service/strategy.ts';
import { type ProcessIdentity, isAlive } from '../../src/host/process-identity.ts';
import { ProcessFolder } from '../../src/routing/haproxy/process-folder.ts';
import { describeWithHaproxy } from '../routing/haproxy/home.ts';
import { Load } from './load.ts';
import { Platform, change, command, spec } from './platform.ts';

const service = { name: 'web', environment: 'test' };

describeWithHaproxy('supplant dev --haproxy', () => {
  let platform: Platform;

  before(async () => (platform = await Platform.start({ anyPorts: true, args: ['--haproxy'] })));
  after(() => (platform as Platform | undefined)?.dispose());

  const described = (version: string, more: Partial<ServiceSpec> = {}): ServiceSpec =>
    spec(service.name, command(version), { router: { kind: 'haproxy', drainMs: 5_000 }, ...more });

  const haproxies = (): ProcessIdentity[] => {
    const root = join(platform.folder.haproxy, 'processes');
    return ProcessFolder.list(root, platform.folder.root).flatMap((folder) => {
      const { identity } = folder.readRecord() ?? {};
      return identity && isAlive(identity) ? [identity] : [];
    });
  };

  const deploy = async (wanted: ServiceSpec) => {
    const { rollout } = await platform.client.apply(wanted, change());
    assert.equal((await platform.client.waitForRollout(service, rollout)).outcome, 'succeeded');
    const { route } = await platform.client.view(service);
    assert.ok(route);
    return route;
  };

  it('replaces a service under load, rolls it back, and takes it away again', async () => {
    const { address } = await deploy(described('one'));
    const load = new Load(formatEndpointUrl(address));
    const { address: same, targets } = await deploy(described('two'));
    assert.deepEqual(same, address);
    assert.deepEqual(
      targets.map(({ revision, weight }) => [revision, weight]),
      [
        [2, 100],
        [1, 0],
      ],
    );
    const back = await platform.client.rollback(service, undefined, change());
    assert.equal((await platform.client.waitForRollout(service, back.rollout)).outcome, 'succeeded');
    const { failures, total } = await load.end();
    assert.deepEqual(failures, []);
    const { route } = await platform.client.view(service);
    const served = route?.targets.reduce((sum, target) => sum + (target.served ?? 0), 0);
    assert.equal(served, total);
    assert.ok(load.seen('one') > 0 && load.seen('two') > 0);

    const removal = await platform.client.remove(service, change());
    assert.equal((await platform.client.waitForRollout(service, removal.rollout)).outcome, 'succeeded');
    await platform.until('HAProxy has ended', () => haproxies().length === 0);
  }).timeout(240_000);

  it('gives a cohort the new revision before all others, and takes it back when the rollout is aborted', async () => {
    const { address } = await deploy(described('four'));
    const url = formatEndpointUrl(address);
    const cohort = { cookie: { name: 'beta', value: 'yes' }, bakeMs: 600_000 };
    const steps = [{ weight: 10, bakeMs: 600_000 }];
    const strategy: StrategySpec = { kind: 'canary', cohort, steps, bakeMs: 0 };
    const { rollout } = await platform.client.apply(described('five', { strategy }), change());
    const load = new Load(url);
    const answers = async (): Promise<string[]> =>
      Promise.all([{}, { cookie: 'a=b; beta=yes' }].map(async (headers) => (await fetch(url, { headers })).text()));
    await platform.until('the cohort has the new revision', async () => (await answers())[1] === 'five');
    assert.deepEqual(await answers(), ['four', 'five']);
    const { route } = await platform.client.view(service);
    const { revision } = await platform.client.rollout(service, rollout);
    assert.deepEqual(route?.cohort, { revision, cookie: cohort.cookie });
    await platform.client.act(service, 'abort', { rollout, ...change() });
    assert.equal((await platform.client.waitForRollout(service, rollout)).outcome, 'aborted');
    assert.deepEqual(await answers(), ['four', 'four']);
    const { failures } = await load.end();
    assert.deepEqual(failures, []);
    assert.equal(load.seen('five'), 0);
    const removal = await platform.client.remove(service, change());
    assert.equal((await platform.client.waitForRollout(service, removal.rollout)).outcome, 'succeeded');
  }).timeout(240_000);

  it('ends HAProxy with itself, and starts it with itself, where it was before', async () => {
    const { address } = await deploy(described('three'));
    await platform.stop('SIGKILL');
    await platform.start();
    assert.equal(await (await fetch(formatEndpointUrl(address))).text(), 'three');
    assert.equal(haproxies().length, 1);
    assert.equal(await platform.stop(), 0);
    assert.equal(haproxies().length, 0);
    await platform.start();
    assert.equal(await (await fetch(formatEndpointUrl(address))).text(), 'three');
  }).timeout(240_000);
});
