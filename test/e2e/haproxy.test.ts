import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, it } from 'mocha';
import { ANALYSIS_DEFAULTS, DEFAULT_BUDGETS } from '../../src/domain/evidence/judge/analysis-spec.ts';
import { formatEndpointUrl, formatStackName } from '../../src/domain/service/revision.ts';
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

  it('splits traffic in three beside a fresh baseline, judges by that, and leaves nothing of it', async () => {
    const { address, targets: alone } = await deploy(described('six'));
    const live = alone[0]!.revision;
    const load = new Load(formatEndpointUrl(address), 200);
    const strategy: StrategySpec = {
      ...{ kind: 'canary', steps: [{ weight: 50, bakeMs: 1_000 }], bakeMs: 0, leastRequests: 200 },
      analysis: {
        compare: { baseline: 'fresh', errors: { alpha: ANALYSIS_DEFAULTS.alpha } },
        ...{ leastRequests: 100, budgets: DEFAULT_BUDGETS },
      },
    };
    const { rollout } = await platform.client.apply(described('seven', { strategy }), change());
    const status = await platform.client.waitForRollout(service, rollout);
    assert.equal(status.outcome, 'succeeded', status.because);
    const [next, baseline] = [live + 1, live + 2];
    assert.equal(status.baseline, baseline);
    const judged = status.verdicts.find(({ check }) => check === 'errors against baseline');
    assert.deepEqual([judged?.verdict, (judged?.numbers?.baselineRequests ?? 0) >= 100], ['pass', true]);
    const events = await platform.client.auditEvents({ rollout: `web/test#${rollout}` });
    const [split] = events.filter(({ type }) => type === 'route.changed');
    assert.deepEqual(split?.data.weights, { [`r${next}`]: 50, [`r${baseline}`]: 49, [`r${live}`]: 1 });
    await platform.until('the baseline is gone', async () => {
      const { revisions } = await platform.client.history(service);
      const copy = revisions.find(({ number }) => number === baseline);
      const processes = await platform.pids(formatStackName(service, baseline));
      return copy?.state === 'retired' && copy.copyOf === live && processes.length === 0;
    });
    const { route } = await platform.client.view(service);
    assert.deepEqual(
      route?.targets.map(({ revision, weight }) => [revision, weight]),
      [
        [next, 100],
        [live, 0],
      ],
    );
    assert.deepEqual((await load.end()).failures, []);
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
